/**
 * Runs the tests.
 *
 * - `npm test`: all of them, with the coverage of lib/
 * - `npm test -- --area lib`: those of one folder of test/, or of several: `--area lib,hostile`
 * - `npm run test:long`: those of test/long/ and `*.long.test.ts`, which take over five seconds by nature
 *
 * Whatever else is given goes to mocha: `npm test -- --area lib --grep origin`.
 */
import { spawnSync } from 'node:child_process'
import { existsSync, readdirSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import console from 'node:console'
import process from 'node:process'
import { parseArgs } from 'node:util'

const HERE = import.meta.dirname
/** What covers all of lib/. Collecting coverage costs a third more time, so the others run without it. */
const COVERING = ['lib', 'hostile', 'direct']
/** The longest areas come first, so that no worker begins one when the others have nothing left. */
const FIRST = ['wallet-app', 'civicjs', 'example']
/** What takes over five seconds by nature. */
const LONG = ['test/long/**/*.test.ts', 'test/**/*.long.test.ts']
const { values, tokens } = parseArgs({
  options: { area: { type: 'string', multiple: true }, long: { type: 'boolean' } },
  strict: false,
  allowPositionals: true,
  tokens: true,
})
const areas = (values.area ?? []).flatMap((names) => String(names).split(','))
const others = argumentsBut(
  tokens.filter(({ kind, name }) => kind === 'option' && ['area', 'long'].includes(name)),
)

const unknown = areas.filter((area) => !/^[\w-]+$/.test(area) || !existsSync(join(HERE, area)))
if (unknown.length > 0) {
  const known = readdirSync(HERE, { withFileTypes: true }).filter((entry) => entry.isDirectory())
  console.error(
    `No tests in test/${unknown.join(', test/')}. Areas: ${known.map(({ name }) => name).join(', ')}`,
  )
  process.exit(1)
}

const mocha = program('mocha', 'bin/mocha.js')
if (values.long) {
  run(mocha, ...LONG, ...others)
} else if (areas.length > 0) {
  run(mocha, ...areas.map(specOf), ...others)
} else if (others.length > 0) {
  run(mocha, 'test/**/*.test.ts', ...without(LONG), ...others)
} else {
  run(program('c8', 'bin/c8.js'), mocha, ...COVERING.map(specOf))
  const rest = specOf(`!(${FIRST.join('|')})`)
  run(mocha, ...FIRST.map(specOf), rest, ...without([...LONG, ...COVERING.map(specOf)]))
}

function specOf(area) {
  return `test/${area}/**/*.test.ts`
}

function without(patterns) {
  return patterns.flatMap((pattern) => ['--ignore', pattern])
}

/** Runs a program to its end; this one fails if it does. */
function run(...args) {
  const { status } = spawnSync(process.execPath, args, { cwd: dirname(HERE), stdio: 'inherit' })
  process.exitCode ||= status ?? 1
}

/** What was given, but for `--area` and its names, and `--long`. */
function argumentsBut(taken) {
  const indices = new Set(
    taken.flatMap(({ index, value, inlineValue }) =>
      value === undefined || inlineValue ? [index] : [index, index + 1],
    ),
  )
  return process.argv.slice(2).filter((_, index) => !indices.has(index))
}

function program(name, file) {
  return join(dirname(createRequire(import.meta.url).resolve(`${name}/package.json`)), file)
}
