/**
 * Looks for an unknown name among the own properties of the options. Values are not read.
 *
 * @returns a message with the nearest known name; undefined if every name is known
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

/** Longer than any option's name, so a name is still recognisable. */
const MAX_NAME = 64

/** Without letter case and separators, which people get wrong most. */
function plain(name: string): string {
  return name.toLowerCase().replace(/[^a-z0-9]/g, '')
}

/** How different two names are. A name within the other costs least, such as `scope` for `scopeRequest`. */
function cost(name: string, other: string): number {
  const isPart = name.includes(other) || other.includes(name)
  return isPart ? Math.abs(name.length - other.length) / 100 : editDistance(name, other)
}

/** The characters to insert, delete or replace (Levenshtein distance). */
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
