let clock: Intl.DateTimeFormat
let hands: Intl.DateTimeFormat
let calendar: Intl.DateTimeFormat
setDateLanguage(undefined)

/** @param language as BCP 47 names it, such as `en-GB`; undefined: the browser's */
export function setDateLanguage(language: string | undefined): void {
  clock = new Intl.DateTimeFormat(language, { timeStyle: 'medium' })
  hands = new Intl.DateTimeFormat(language, { timeStyle: 'short' })
  calendar = new Intl.DateTimeFormat(language, { dateStyle: 'medium', timeStyle: 'short' })
}

/** @param at milliseconds since the epoch */
export function time(at: number): string {
  return clock.format(at)
}

/** @param at milliseconds since the epoch. @returns hours and minutes */
export function clockTime(at: number): string {
  return hands.format(at)
}

/** @param at milliseconds since the epoch */
export function dateTime(at: number): string {
  return calendar.format(at)
}

/** @returns such as `12 s`, `1 min 5 s`; nothing below zero */
export function duration(ms: number): string {
  const seconds = Math.max(0, Math.round(ms / 1000))
  if (seconds < 60) return `${seconds} s`
  return `${Math.floor(seconds / 60)} min ${seconds % 60} s`
}

// Each engine's browsers name the ones before them: the first that fits is meant.
const BROWSERS: readonly [name: string, mark: RegExp][] = [
  ['Edge', /Edg(?:e|A|iOS)?\//],
  ['Opera', /OPR\//],
  ['Firefox', /(?:Firefox|FxiOS)\//],
  ['Chrome', /(?:Chrome|Chromium|HeadlessChrome|CriOS)\//],
  ['Safari', /Safari\//],
  ['Internet Explorer', /Trident\//],
]
const SYSTEMS: readonly [name: string, mark: RegExp][] = [
  ['iOS', /iPhone|iPad/],
  ['Android', /Android/],
  ['Windows', /Windows/],
  ['macOS', /Mac OS X/],
  ['Linux', /Linux|X11/],
]

/** @returns what a `User-Agent` says of itself, such as `Firefox on Linux` */
export function browserOf(userAgent: string): string {
  const named = (kinds: typeof BROWSERS): string | undefined =>
    kinds.find(([, mark]) => mark.test(userAgent))?.[0]
  return `${named(BROWSERS) ?? 'Unknown browser'} on ${named(SYSTEMS) ?? 'an unknown system'}`
}
