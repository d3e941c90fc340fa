let clock: Intl.DateTimeFormat
let hands: Intl.DateTimeFormat
let calendar: Intl.DateTimeFormat
setDateLanguage(undefined)

/** @param language a BCP 47 tag such as `en-GB`; undefined: the browser's language */
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

/** @returns such as `12 s`, `1 min 5 s`; never below zero */
export function duration(ms: number): string {
  const seconds = Math.max(0, Math.round(ms / 1000))
  if (seconds < 60) return `${seconds} s`
  return `${Math.floor(seconds / 60)} min ${seconds % 60} s`
}

// Browsers also name older ones in their User-Agent, so the first match counts.
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

/** @returns the browser and system in a `User-Agent`, such as `Firefox on Linux` */
export function browserOf(userAgent: string): string {
  const named = (kinds: typeof BROWSERS): string | undefined =>
    kinds.find(([, mark]) => mark.test(userAgent))?.[0]
  return `${named(BROWSERS) ?? 'Unknown browser'} on ${named(SYSTEMS) ?? 'an unknown system'}`
}
