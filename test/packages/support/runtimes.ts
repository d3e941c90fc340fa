import { existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { root } from './packed.ts'
import { npm } from './run.ts'

/** Of each line of Node that is promised, the oldest version that `engines` lets in. */
const versions = { 20: '20.19.0', 22: '22.12.0', 24: '24', 26: '26' }

export type NodeLine = keyof typeof versions
export const nodeLines = Object.keys(versions).map(Number) as NodeLine[]

/** Kept from run to run: they are large. */
const folder = join(root, 'test/packages/.runtimes')

function binary(line: NodeLine): string {
  return join(folder, 'node_modules', `node${line}`, 'bin/node')
}

/** Installs those versions of Node from npm, where they are not there yet. */
export async function installRuntimes(): Promise<(line: NodeLine) => string> {
  if (!nodeLines.every((line) => existsSync(binary(line)))) {
    mkdirSync(folder, { recursive: true })
    writeFileSync(join(folder, 'package.json'), '{ "private": true }')
    const platform = `node-${process.platform}-${process.arch}`
    const aliases = nodeLines.map((line) => `node${line}@npm:${platform}@${versions[line]}`)
    await npm(['install', ...aliases], folder)
  }
  return binary
}
