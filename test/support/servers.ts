import { spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { createServer } from 'node:net'
import type { AddressInfo } from 'node:net'
import { createInterface } from 'node:readline'
import type { Readable } from 'node:stream'

/** Something to run against that a test has started, and has to stop. */
export interface TestServer {
  readonly url: string
  stop: () => Promise<void>
}

/** Where a server's program is, and which user runs it. */
export interface Program {
  readonly command: string
  readonly args: (port: number) => readonly string[]
  /** The line that says it takes connections. */
  readonly ready: RegExp
  /** Which of its outputs that line is on. */
  readonly readyOn: 'stdout' | 'stderr'
  /** The signal that makes it stop at once and in order. */
  readonly stopSignal: NodeJS.Signals
  readonly user?: { readonly uid: number; readonly gid: number } | undefined
  /** Default: a free one. */
  readonly port?: number | undefined
}

/** Starts the program on a port of 127.0.0.1 and waits until it says that it is ready. */
export async function startServer(program: Program): Promise<{ port: number; stop: () => Promise<void> }> {
  // Between looking for a free port and listening on it another process may take it: then look again
  for (let attempt = 1; ; attempt++) {
    const port = program.port ?? (await freePort())
    const child = spawn(program.command, program.args(port), {
      stdio: ['ignore', 'pipe', 'pipe'],
      ...program.user,
    })
    const kill = () => child.kill('SIGKILL')
    process.once('exit', kill)
    const exited = once(child, 'exit')
    const said: string[] = []
    const lines = { stdout: read(child.stdout, said), stderr: read(child.stderr, said) }
    const ready = await Promise.race([
      new Promise<true>((resolve) =>
        lines[program.readyOn].on('line', (line) => program.ready.test(line) && resolve(true)),
      ),
      exited.then(() => false as const),
    ])
    if (ready) return { port, stop: () => stop(child, exited, program.stopSignal, kill) }
    process.off('exit', kill)
    if (attempt === 5) throw new Error(`${program.command} did not start:\n${said.join('\n')}`)
  }
}

async function stop(child: ChildProcess, exited: Promise<unknown>, signal: NodeJS.Signals, kill: () => void) {
  if (child.exitCode === null && child.signalCode === null) child.kill(signal)
  await exited
  process.off('exit', kill)
}

function read(stream: Readable, said: string[]) {
  const lines = createInterface({ input: stream })
  lines.on('line', (line) => said.push(line))
  return lines
}

export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  await once(server, 'close')
  return port
}
