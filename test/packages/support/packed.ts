import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { npm } from './run.ts'

export const root = join(import.meta.dirname, '../../..')

/** Each package's name, and its folder in the repository. */
export const packages = {
  'passport-civic-sip': '.',
  'civic-attestations': 'attestations',
  'civic-js': 'civicjs',
  'civic-wallet': 'wallet',
  'civic-sip-server': 'sip',
  'civic-sip-sandbox': 'sandbox',
} as const

export type PackageName = keyof typeof packages

export interface Packed {
  readonly name: PackageName
  readonly tarball: string
  readonly files: readonly string[]
}

/** Everything these checks write; gone when the process ends. */
const scratch = mkdtempSync(join(tmpdir(), 'packages-'))
process.on('exit', () => rmSync(scratch, { recursive: true, force: true }))

/** A new, empty folder of that name, outside of the repository. */
export function emptyFolder(name: string): string {
  const folder = join(mkdtempSync(join(scratch, 'x-')), name)
  mkdirSync(folder)
  return folder
}

interface PackReport {
  readonly name: PackageName
  readonly filename: string
  readonly files: readonly { readonly path: string }[]
}

async function pack(): Promise<Record<PackageName, Packed>> {
  const folder = emptyFolder('tarballs')
  const workspaces = Object.keys(packages).flatMap((name) => ['-w', name])
  // An array up to npm 10, an object by name from npm 11
  const report = JSON.parse(
    await npm(['pack', '--json', ...workspaces, '--pack-destination', folder], root),
  ) as Record<string, PackReport>
  const entries = Object.values(report).map(({ name, filename, files }): [PackageName, Packed] => [
    name,
    { name, tarball: join(folder, filename), files: files.map(({ path }) => path).sort() },
  ])
  return Object.fromEntries(entries) as Record<PackageName, Packed>
}

let packing: ReturnType<typeof pack> | undefined

/** The packages as npm would publish them, packed once. */
export function packed(): ReturnType<typeof pack> {
  return (packing ??= pack())
}
