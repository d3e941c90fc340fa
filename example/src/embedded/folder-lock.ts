import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { FileInUse, lockFile } from 'civic-sip-server/lock'
import { SetupError } from '../config.ts'

/**
 * Keeps a folder to one process, until it ends or gives it back.
 *
 * @returns what gives the folder back
 * @throws SetupError if another process has it
 */
export async function lockFolder(folder: string): Promise<() => Promise<void>> {
  await mkdir(folder, { recursive: true, mode: 0o700 })
  try {
    return await lockFile(join(folder, 'lock'))
  } catch (error) {
    if (!(error instanceof FileInUse)) throw error
    throw new SetupError(`${folder} is in use by another process: stop that one, or use another folder`)
  }
}
