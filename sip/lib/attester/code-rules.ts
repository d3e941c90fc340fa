import { randomInt } from 'node:crypto'

/** The limits of something: for one address, for one key, for both together, and from one source. */
export interface CodeLimits {
  readonly address?: number
  readonly key?: number
  readonly both?: number
  readonly source?: number
}

/** The form of codes, and how many may be requested and tried. */
export interface CodeRules {
  readonly make: () => string
  /** Normalises a typed code. */
  readonly read: (typed: string) => string
  /** Codes sent in ten minutes. */
  readonly sent: CodeLimits
  /** Codes tried in an hour, right or wrong. Beyond that, none is accepted until the hour is over. */
  readonly tried: CodeLimits
}

/** Letters and digits that cannot be confused, without vowels, so that no code is a word. */
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
 * Eight letters and digits, for real people. There is no limit for an address alone, because anybody could lock others
 * out.
 */
export const LETTERS: CodeRules = {
  make: () => Array.from({ length: LENGTH }, () => ALPHABET[randomInt(ALPHABET.length)]).join(''),
  read: (typed) => typed.replace(/[\s-]/g, '').toUpperCase(),
  sent: { address: 10, key: 10, both: 5, source: 30 },
  tried: { key: 30, both: 10, source: 60 },
}
