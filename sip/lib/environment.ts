import { readFileSync } from 'node:fs'
import { editDistance } from './known-options.ts'

/** Wrong variables. The message names all of them, and shows no value. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError'
  /** One sentence for each variable. */
  readonly problems: readonly string[]

  constructor(problems: readonly string[]) {
    super(`The environment is not right:\n${problems.map((problem) => `- ${problem}`).join('\n')}`)
    this.problems = problems
  }
}

/** Reads the environment, and collects its problems. */
export class Environment {
  readonly #values = new Map<string, string>()
  readonly problems: string[] = []

  /**
   * @param variables those of the process. Container platforms set empty variables, which count as not set
   * @param names the known variables; the value of each can be in a file that `NAME_FILE` names
   * @param readFile returns a file's text
   */
  constructor(
    variables: NodeJS.ProcessEnv,
    names: readonly string[],
    readFile: (path: string) => string = (path) => readFileSync(path, 'utf8'),
  ) {
    for (const name of names) {
      const value = variables[name]?.trim()
      const file = variables[`${name}_FILE`]?.trim()
      if (value && file) this.problems.push(`${name} and ${name}_FILE are both set: set one of them`)
      else if (value) this.#values.set(name, value)
      else if (file) this.#readFrom(file, name, readFile)
    }
  }

  text(name: string): string | undefined {
    return this.#values.get(name)
  }

  /** Records the first problem of a variable. */
  wrong(name: string, rule: string): void {
    // One problem for each variable: the first
    if (
      !this.problems.some((problem) => problem.startsWith(`${name} `) || problem.startsWith(`${name}_FILE `))
    )
      this.problems.push(`${name} ${rule}`)
  }

  /** @returns the parsed value; undefined if it is not set, or `parse` returned undefined */
  parsed<T>(name: string, rule: string, parse: (text: string) => T | undefined): T | undefined {
    const text = this.text(name)
    if (text === undefined) return undefined
    const value = parse(text)
    if (value === undefined) this.wrong(name, rule)
    return value
  }

  oneOf<const T extends string>(name: string, choices: readonly T[], otherwise: T): T {
    const isChoice = (text: string): T | undefined => choices.find((choice) => choice === text)
    return (
      this.parsed(name, `must be ${choices.slice(0, -1).join(', ')} or ${choices.at(-1)}`, isChoice) ??
      otherwise
    )
  }

  number(name: string, least: number, most: number): number | undefined {
    return this.parsed(name, `must be a whole number from ${least} to ${most}`, (text) =>
      /^\d{1,9}$/.test(text) && Number(text) >= least && Number(text) <= most ? Number(text) : undefined,
    )
  }

  #readFrom(file: string, name: string, readFile: (path: string) => string): void {
    try {
      const text = readFile(file).trim()
      if (text === '') this.problems.push(`${name}_FILE names an empty file`)
      else this.#values.set(name, text)
    } catch {
      this.problems.push(`${name}_FILE names a file that cannot be read`)
    }
  }
}

/** Shorter names resemble other programs' variables, such as `HOST` and `HOME`. */
const MIN_LENGTH = 6

/** Finds variables whose names nearly match known ones. @returns one sentence for each */
export function nearlyKnown(variables: NodeJS.ProcessEnv, names: readonly string[]): string[] {
  const known = names.flatMap((name) => [name, `${name}_FILE`])
  const isNear = (name: string, other: string): boolean =>
    Math.min(name.length, other.length) >= MIN_LENGTH &&
    (plain(name) === plain(other) || editDistance(name, other) <= (other.length >= 10 ? 2 : 1))
  return Object.keys(variables)
    .filter((name) => name.length <= 64 && !known.includes(name))
    .flatMap((name) => {
      const near = known.find((other) => isNear(name, other))
      return near === undefined ? [] : [`${name} is not a variable of this server. Did you mean ${near}?`]
    })
}

function plain(name: string): string {
  return name.replace(/[^A-Za-z0-9]/g, '').toUpperCase()
}
