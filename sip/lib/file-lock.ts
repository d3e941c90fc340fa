/** @module civic-sip-server/lock */

import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { readdir, rename, rm, stat } from 'node:fs/promises'
import { connect, createServer } from 'node:net'
import type { Server, Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { dirname, join, relative, resolve } from 'node:path'
import { sha256 } from './sha256.ts'

/** Another process uses the file. */
export class FileInUse extends Error {
  override readonly name = 'FileInUse'

  constructor(path: string) {
    super(`${path} is in use by another process: stop that one, or use another`)
  }
}

/**
 * Locks a file for one process, until the process ends in any way or releases it.
 *
 * The lock is a socket on which the process listens. The system closes it with the process, so nobody has to guess from
 * a process id or a time whether the owner is alive.
 *
 * @param path the file, which need not exist; its folder must
 * @returns a function that releases the file
 * @throws FileInUse
 */
export async function lockFile(path: string): Promise<() => Promise<void>> {
  await stat(dirname(path))
  return process.platform === 'win32' ? lockPipe(path) : lockSocket(path)
}

/** Windows gives a named pipe to one process, and removes it with that process. */
async function lockPipe(path: string): Promise<() => Promise<void>> {
  const server = createServer((socket) => socket.destroy()).unref()
  try {
    server.listen(`\\\\.\\pipe\\civic-sip-${hashOf(resolve(path).toLowerCase())}`)
    await once(server, 'listening')
  } catch (error) {
    throw ['EADDRINUSE', 'EACCES'].includes(codeOf(error)) ? new FileInUse(path) : error
  }
  return () => closed(server)
}

async function lockSocket(path: string): Promise<() => Promise<void>> {
  const candidate = new Candidate(path)
  try {
    await candidate.listen()
    while (await candidate.sawOthersLeave()) continue
    candidate.hold()
  } catch (error) {
    await candidate.leave()
    throw error
  }
  return () => candidate.leave()
}

const NAME = /^[0-9a-f]{12}\.lock$/
const HELD = 'held'
/** A live process that says nothing for this long is stopped or stuck, and still holds the file. */
const SILENCE_MS = 10_000
/** The path of a Unix socket can have 103 bytes on macOS, 107 on Linux. */
const MAX_ADDRESS_BYTES = 100
/** Errors of file systems without sockets, such as those that virtual machines share with their hosts. */
const NO_SOCKETS = ['ENOTSUP', 'EOPNOTSUPP', 'EPERM', 'EINVAL', 'ENAMETOOLONG']

/**
 * A process that wants the file. Each process has a socket with a new name, so a dead socket stays dead and anybody may
 * remove it. (With one name for all, two processes could see a dead socket, and the slower would remove the faster
 * one's live socket.) Each first listens and then looks for others, so of two at once at least one sees the other. If
 * both do, the one with the lower name wins.
 */
class Candidate {
  readonly #path: string
  readonly #id = randomBytes(6).toString('hex')
  readonly #server: Server
  readonly #sockets = new Set<Socket>()
  /** The prefix of the names of the file's sockets. */
  #prefix: string
  #isHolder = false

  constructor(path: string) {
    this.#path = path
    this.#prefix = `${resolve(path)}.`
    this.#server = createServer((socket) => {
      this.#sockets.add(socket)
      socket.on('error', () => undefined).on('close', () => this.#sockets.delete(socket))
      if (this.#isHolder) socket.end(HELD)
    }).unref()
  }

  get #name(): string {
    return `${this.#prefix}${this.#id}.lock`
  }

  /**
   * Listens beside the file, where every process that sees the file sees the socket; if that fails, in the folder for
   * temporary files.
   */
  async listen(): Promise<void> {
    try {
      await this.#bind()
    } catch (error) {
      if (!NO_SOCKETS.includes(codeOf(error))) throw error
      this.#prefix = join(tmpdir(), `civic-sip-${hashOf(resolve(this.#path))}.`)
      await this.#bind()
    }
  }

  /**
   * @returns whether another candidate was there and left, so that it must look again
   * @throws FileInUse if another process holds the file, or wins
   */
  async sawOthersLeave(): Promise<boolean> {
    const folder = dirname(this.#prefix)
    const names = (await readdir(folder)).map((name) => join(folder, name))
    const isOther = (name: string): boolean =>
      name.startsWith(this.#prefix) && NAME.test(name.slice(this.#prefix.length)) && name !== this.#name
    const left = await Promise.all(names.filter(isOther).map((name) => this.#sawLeave(name)))
    return left.includes(true)
  }

  hold(): void {
    this.#isHolder = true
    for (const socket of this.#sockets) socket.end(HELD)
  }

  async leave(): Promise<void> {
    await rm(this.#name, { force: true })
    for (const socket of this.#sockets) socket.destroy()
    await closed(this.#server)
  }

  async #bind(): Promise<void> {
    const starting = `${this.#prefix}${this.#id}.new`
    if (Buffer.byteLength(addressOf(this.#name)) > MAX_ADDRESS_BYTES) {
      throw Object.assign(new Error(`${this.#name} is too long`), { code: 'ENAMETOOLONG' })
    }
    this.#server.listen(addressOf(starting))
    await once(this.#server, 'listening')
    // From now on it responds to others, who take a silent socket for dead.
    await rename(starting, this.#name)
  }

  async #sawLeave(other: string): Promise<boolean> {
    const answer = await ask(addressOf(other), other > this.#name)
    if (answer === 'held') throw new FileInUse(this.#path)
    if (answer === 'dead') await rm(other, { force: true })
    return answer === 'left'
  }
}

/**
 * @param isPatient whether to wait until the other process holds the file or leaves; otherwise a live one counts as
 * holding it
 */
function ask(address: string, isPatient: boolean): Promise<'dead' | 'held' | 'left'> {
  return new Promise((resolve) => {
    const socket = connect(address)
    const settle = (answer: 'dead' | 'held' | 'left'): void => {
      clearTimeout(timer)
      socket.destroy()
      resolve(answer)
    }
    const timer = setTimeout(settle, SILENCE_MS, 'held')
    socket
      .on('connect', () => isPatient || settle('held'))
      .on('data', () => settle('held'))
      .on('close', () => settle('left'))
      .on('error', (error) => {
        const code = codeOf(error)
        if (code === 'ECONNREFUSED' || code === 'ENOENT') settle('dead')
        else settle(code === 'ECONNRESET' || code === 'EPIPE' ? 'left' : 'held')
      })
  })
}

async function closed(server: Server): Promise<void> {
  if (!server.listening) return
  server.close()
  await once(server, 'close')
}

/** The shortest form of a path, because a socket's path has little room. */
export function addressOf(path: string): string {
  const fromHere = join('.', relative('.', path))
  return fromHere.length < path.length ? fromHere : path
}

function hashOf(path: string): string {
  return sha256(path).toString('hex').slice(0, 16)
}

function codeOf(error: unknown): string {
  return (error as NodeJS.ErrnoException).code ?? ''
}
