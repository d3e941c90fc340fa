import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { mkdir, rm } from 'node:fs/promises'
import { connect, createServer } from 'node:net'
import { join, relative, resolve } from 'node:path'
import { SetupError } from './config.ts'

/**
 * Keeps a folder to one process, until it ends or gives it back. The lock is a socket that the process listens on,
 * which the system closes however the process ends: none is left behind that has to be guessed stale.
 *
 * @returns what gives the folder back
 * @throws SetupError if another process has it
 */
export async function lockFolder(folder: string): Promise<() => Promise<void>> {
  await mkdir(folder, { recursive: true, mode: 0o700 })
  const address = socketAddress(folder)
  const server = createServer((socket) => socket.destroy()).unref()
  for (;;) {
    try {
      server.listen(address)
      await once(server, 'listening')
      return async () => {
        server.close()
        await once(server, 'close')
      }
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EADDRINUSE') throw error
      if (await answers(address))
        throw new SetupError(`${folder} is in use by another process: stop that one, or use another folder`)
      // Its owner died
      await rm(address, { force: true })
    }
  }
}

function socketAddress(folder: string): string {
  if (process.platform === 'win32')
    return `\\\\.\\pipe\\${createHash('sha256').update(resolve(folder)).digest('hex')}`
  // A socket's path has room for about 100 characters
  const path = resolve(folder, 'lock')
  const fromHere = join('.', relative('.', path))
  return fromHere.length < path.length ? fromHere : path
}

function answers(address: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(address)
    const settle = (answered: boolean) => {
      socket.destroy()
      resolve(answered)
    }
    socket.on('connect', () => settle(true)).on('error', () => settle(false))
  })
}
