/**
 * Looks for a name that no option has, among the own properties of the options; a value is not looked at.
 *
 * @returns what is wrong, with the nearest known name beside it; undefined where every name is known
 */
export function unknownOption(options: object, known: readonly string[]): string | undefined {
  const name = Object.keys(options)
    .find((key) => !known.includes(key))
    ?.slice(0, MAX_NAME)
  if (name === undefined) return undefined
  const costs = known.map((other) => cost(plain(name), plain(other)))
  const nearest = known[costs.indexOf(Math.min(...costs))] as string
  return `${name} is not an option. Did you mean ${nearest}?`
}

/** Longer than any option's name: enough to be recognised. */
const MAX_NAME = 64

/** Without what people get wrong most: letter case and separators. */
function plain(name: string): string {
  return name.toLowerCase().replace(/[^a-z0-9]/g, '')
}

/** How unlike two names are: a part of the other costs least, as in `scope` for `scopeRequest`. */
function cost(name: string, other: string): number {
  const isPart = name.includes(other) || other.includes(name)
  return isPart ? Math.abs(name.length - other.length) / 100 : editDistance(name, other)
}

/** How many characters to insert, delete or replace (Levenshtein). */
export function editDistance(from: string, to: string): number {
  let row = Array.from({ length: to.length + 1 }, (_, at) => at)
  for (let before = 0; before < from.length; before++) {
    const next = [before + 1]
    for (let at = 0; at < to.length; at++) {
      const replaced = (row[at] as number) + (to[at] === from[before] ? 0 : 1)
      next.push(Math.min(replaced, (row[at + 1] as number) + 1, (next[at] as number) + 1))
    }
    row = next
  }
  return row[to.length] as number
}
