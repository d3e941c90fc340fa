import { createRequire } from 'node:module'
import express from 'express'
import passport from 'passport'

// The old ones are installed under other names, which have no types
const require = createRequire(import.meta.url)

export const EXPRESS: Readonly<Record<string, typeof express>> = {
  'Express 4': require('express4') as typeof express,
  'Express 5': express,
}

export const PASSPORT: Readonly<Record<string, typeof passport>> = {
  'passport 0.6': require('passport06') as typeof passport,
  'passport 0.7': passport,
}
