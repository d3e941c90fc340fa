import { randomInt } from 'node:crypto'

/** How many there may be of something: for one address, for one key, for both together, and from one source. */
export interface CodeLimits {
  readonly address?: number
  readonly key?: number
  readonly both?: number
  readonly source?: number
}

/** What codes look like, and how many may be asked for and tried. */
export interface CodeRules {
  readonly make: () => string
  /** A code as people type it, as it was made. */
  readonly read: (typed: string) => string
  /** Codes sent in ten minutes. */
  readonly sent: CodeLimits
  /** Codes tried in an hour, right or wrong: beyond that none is taken until the hour is over. */
  readonly tried: CodeLimits
}

/** Letters and digits that are not taken for one another, without vowels, so that no code is a word. */
const ALPHABET = '23456789BCDFGHJKMNPQRSTVWXYZ'
const LENGTH = 8

/**
 * Six digits, for test users. At five guesses a code, and twenty codes for an address in ten minutes, that is a
 * hundred guesses of a million.
 */
export const DIGITS: CodeRules = {
  make: () => String(randomInt(1_000_000)).padStart(6, '0'),
  read: (typed) => typed,
  sent: { address: 20, key: 10, both: 5 },
  tried: {},
}

/**
 * Eight letters and digits, for real people. Tries are not limited for an address alone: then anybody could lock
 * others out.
 */
export const LETTERS: CodeRules = {
  make: () => Array.from({ length: LENGTH }, () => ALPHABET[randomInt(ALPHABET.length)]).join(''),
  read: (typed) => typed.replace(/[\s-]/g, '').toUpperCase(),
  sent: { address: 10, key: 10, both: 5, source: 30 },
  tried: { key: 30, both: 10, source: 60 },
}
