import { once } from 'node:events'
import { chmod, rm } from 'node:fs/promises'
import { createServer, request } from 'node:http'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { join } from 'node:path'
import { json, text } from 'node:stream/consumers'
import * as v from 'valibot'
import { addressOf } from '../file-lock.ts'
import { read } from '../http/read.ts'
import { listOf } from '../http/schema.ts'
import { shortly } from './describe-error.ts'

/** A command's output for the terminal. */
const Said = v.object({
  lines: listOf(v.string()),
  /** Whether the command succeeded. */
  isDone: v.boolean(),
})
export type Said = v.InferOutput<typeof Said>

/** Executes a command with the given options. */
export type Act = (flags: ReadonlySet<string>) => Promise<Said>

const NAME = 'admin.sock'
const MAX_BYTES = 10_000

/**
 * An embedded database belongs to one process, so commands ask the running server to act for them, on a socket in the
 * data folder that only the owner can open.
 *
 * @param folder the data folder, which this process has locked
 * @returns a function that closes the socket
 */
export async function listenToCommands(
  folder: string,
  acts: Readonly<Record<string, Act>>,
): Promise<() => Promise<void>> {
  const path = join(folder, NAME)
  // The socket of a killed process: this process has the lock
  await rm(path, { force: true })
  const server = createServer((req, res) => {
    act(acts, req, res).catch(() => res.destroy())
  })
  // Nobody else may connect before the mode is set
  const mask = process.umask(0o177)
  try {
    server.listen(addressOf(path))
    await once(server, 'listening')
  } finally {
    process.umask(mask)
  }
  await chmod(path, 0o600)
  return async () => {
    const closed = once(server, 'close')
    server.close()
    server.closeIdleConnections()
    await closed
  }
}

async function act(
  acts: Readonly<Record<string, Act>>,
  req: IncomingMessage,
  res: ServerResponse,
): Promise<void> {
  const name = (req.url ?? '').slice(1)
  const found = req.method === 'POST' && Object.hasOwn(acts, name) ? acts[name] : undefined
  if (!found || Number(req.headers['content-length'] ?? Infinity) > MAX_BYTES) {
    res.writeHead(404).end()
    return
  }
  const flags = read(listOf(v.string()), await json(req))
  const result = await found(new Set(flags)).catch((error: unknown) => failed(error))
  res.writeHead(200, { 'Content-Type': 'application/json', Connection: 'close' }).end(JSON.stringify(result))
}

/** The result of a command that succeeded. */
export function said(...lines: readonly string[]): Said {
  return { lines, isDone: true }
}

/** The output of a command that threw. */
export function failed(error: unknown): Said {
  return { lines: [`This did not work: ${shortly(error)}`], isDone: false }
}

/**
 * Has the server that runs on a folder execute a command.
 *
 * @returns undefined if no server runs on it
 */
export async function askRunning(
  folder: string,
  name: string,
  flags: ReadonlySet<string>,
): Promise<Said | undefined> {
  const body = JSON.stringify([...flags])
  const sent = request({
    socketPath: addressOf(join(folder, NAME)),
    method: 'POST',
    path: `/${name}`,
    headers: { 'Content-Length': Buffer.byteLength(body) },
    agent: false,
  })
  try {
    sent.end(body)
    const [response] = (await once(sent, 'response')) as [IncomingMessage]
    const answered = await text(response)
    if (response.statusCode !== 200)
      return { lines: [`The server that runs is of another version, and has no ${name}.`], isDone: false }
    return read(Said, JSON.parse(answered))
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code === 'ENOENT' || code === 'ECONNREFUSED') return undefined
    throw error
  }
}
