import { spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'

const PROGRAM = join(import.meta.dirname, '../../sip/bin/civic-sip-server.js')

/** The command `civic-sip-server`, running with these variables alone. */
export class ServerProcess {
  output = ''
  readonly child: ChildProcess
  /** Its exit code; null where a signal ended it. */
  readonly ended: Promise<number | null>

  constructor(variables: Readonly<Record<string, string>>, ...args: string[]) {
    const env = { PATH: process.env.PATH ?? '', ...variables }
    this.child = spawn(process.execPath, [PROGRAM, ...args], { env, stdio: 'pipe' })
    for (const stream of [this.child.stdout, this.child.stderr]) {
      stream?.on('data', (chunk: Buffer) => (this.output += chunk.toString()))
    }
    this.ended = once(this.child, 'close').then(([code]) => code as number | null)
  }

  /** Starts the server, and waits until it serves. */
  static async start(variables: Readonly<Record<string, string>>): Promise<ServerProcess> {
    const server = new ServerProcess(variables, 'start')
    await server.until(/civic-sip-server serves/)
    return server
  }

  /** Types lines, and ends the input. */
  type(...lines: readonly string[]): this {
    this.child.stdin?.end(lines.map((line) => `${line}\n`).join(''))
    return this
  }

  /** Waits for a line of the output. */
  async until(pattern: RegExp): Promise<void> {
    const failed = this.ended.then(() => {
      throw new Error(`it ended before ${String(pattern)}:\n${this.output}`)
    })
    while (!pattern.test(this.output)) {
      const streams = [this.child.stdout, this.child.stderr].flatMap((stream) =>
        stream ? [once(stream, 'data')] : [],
      )
      await Promise.race([...streams, failed])
    }
    failed.catch(() => undefined)
  }

  async stop(signal: NodeJS.Signals = 'SIGTERM'): Promise<number | null> {
    this.child.kill(signal)
    return this.ended
  }
}
