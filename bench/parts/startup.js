/** Part 7: the cost of importing and installing the package. */
import { execFile } from 'node:child_process'
import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'
import { fileURLToPath, URL } from 'node:url'
import { promisify } from 'node:util'
import { number, target } from '../support/format.js'
import { interleave, median, quantile } from '../support/measure.js'

const run = promisify(execFile)
const ROOT = fileURLToPath(new URL('../..', import.meta.url))
const NPM = ['--omit=dev', '--ignore-scripts', '--no-audit', '--no-fund', '--prefer-offline']

/** Imports a package in a new process, and prints how long that took, and the process's memory. */
const program = (name) => `
  const started = performance.now()
  ${name === undefined ? '' : `await import(${JSON.stringify(name)})`}
  const ms = performance.now() - started
  console.log(JSON.stringify({ ms, megabytes: process.memoryUsage().rss / 1e6 }))`

async function launch(folder, name) {
  const { stdout } = await run(process.execPath, ['--input-type=module', '--eval', program(name)], {
    cwd: folder,
  })
  return JSON.parse(stdout)
}

/** Installs a package in an empty folder, as a site does in production. */
async function install(name, spec, overrides = {}) {
  const folder = await mkdtemp(join(tmpdir(), 'civic-bench-'))
  await writeFile(join(folder, 'package.json'), JSON.stringify({ private: true, overrides }))
  await run('npm', ['install', ...NPM, spec], { cwd: folder })
  const lock = JSON.parse(await readFile(join(folder, 'node_modules', '.package-lock.json'), 'utf8'))
  return { folder, name, packages: Object.keys(lock.packages).length, bytes: await sizeOf(folder) }
}

async function sizeOf(folder) {
  const files = await readdir(folder, { recursive: true, withFileTypes: true })
  const sizes = files.filter((file) => file.isFile()).map((file) => stat(join(file.parentPath, file.name)))
  return (await Promise.all(sizes)).reduce((sum, { size }) => sum + size, 0)
}

/** The package as npm would publish it. */
async function pack(folder) {
  const { stdout } = await run('npm', ['pack', '--json', '--pack-destination', folder], { cwd: ROOT })
  return join(folder, JSON.parse(stdout)[0].filename)
}

export async function startup({ isShort }) {
  const folders = [await mkdtemp(join(tmpdir(), 'civic-bench-'))]
  try {
    const ours = await install('passport-civic-sip', await pack(folders[0]))
    folders.push(ours.folder)
    const peer = await install('passport-civic', 'passport-civic@1.0.6', { sjcl: 'npm:sjcl@1.0.8' })
    folders.push(peer.folder)
    const results = await interleave(
      {
        nothing: () => launch(folders[0]),
        ours: () => launch(ours.folder, ours.name),
        peer: () => launch(peer.folder, peer.name),
      },
      { rounds: isShort ? 1 : 11 },
    )
    const row = (name, rounds, { packages, bytes }) => {
      const of = (figure) => rounds.map((round) => round[figure])
      const spread = (values, unit) =>
        `${number(median(values))} ${unit} (${number(quantile(values, 0.25))} to ${number(quantile(values, 0.75))})`
      return [
        name,
        spread(of('ms'), 'ms'),
        spread(of('megabytes'), 'MB'),
        packages.toString(),
        `${number(bytes / 1e6)} MB`,
      ]
    }
    return {
      title: 'Start-up and size',
      text: `The time to import the package, the process's resident memory after that, and the size of a production
        install, including the package.`,
      tables: [
        {
          head: ['', 'import', 'resident memory', 'packages', 'installed'],
          rows: [
            row('an empty program', results.nothing, { packages: 0, bytes: 0 }),
            row('passport-civic-sip', results.ours, ours),
            row('passport-civic 1.0.6', results.peer, peer),
          ],
        },
      ],
      targets: [
        target(
          'import of passport-civic-sip',
          median(results.ours.map(({ ms }) => ms)),
          { atMost: 55 },
          'ms',
        ),
      ],
    }
  } finally {
    await Promise.all(folders.map((folder) => rm(folder, { recursive: true })))
  }
}
