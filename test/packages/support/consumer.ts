import { cpSync, mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { emptyFolder, packed, root } from './packed.ts'
import { npm, run } from './run.ts'

interface Manifest {
  readonly name?: string
  readonly version?: string
  readonly type?: 'commonjs' | 'module'
  readonly overrides?: Readonly<Record<string, string>>
}

/** A project of somebody else's that uses the packages, as npm installs them. */
export class Consumer {
  readonly folder: string

  private constructor(name: string) {
    this.folder = emptyFolder(name)
  }

  /**
   * @param dependencies what it installs beside the packages, as npm's command line takes it
   * @param manifest what its package.json says of itself
   */
  static async create(dependencies: readonly string[], manifest: Manifest = {}): Promise<Consumer> {
    const consumer = new Consumer(manifest.name ?? 'consumer')
    consumer.write('package.json', JSON.stringify({ private: true, type: 'module', ...manifest }))
    const tarballs = Object.values(await packed()).map(({ tarball }) => tarball)
    await npm(['install', ...tarballs, ...dependencies], consumer.folder)
    return consumer
  }

  write(file: string, text: string): void {
    mkdirSync(dirname(join(this.folder, file)), { recursive: true })
    writeFileSync(join(this.folder, file), text)
  }

  /** Copies a file or folder of the repository. */
  copy(source: string, target: string): void {
    cpSync(join(root, source), join(this.folder, target), { recursive: true })
  }

  /** @returns what the script printed, as JSON */
  async node(args: readonly string[], node: string = process.execPath): Promise<unknown> {
    return JSON.parse(await run(node, args, this.folder)) as unknown
  }

  /** @param compiler the path of TypeScript's, from this folder or absolute */
  tsc(compiler: string, args: readonly string[]): Promise<string> {
    return run(process.execPath, [compiler, ...args], this.folder)
  }
}
