import { randomBytes } from 'node:crypto'
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises'
import { join } from 'node:path'

/**
 * The secret that signs session cookies on a developer's machine. It is made once and kept in the data folder, so that
 * people stay logged in when the site restarts.
 *
 * @returns 64 hex digits
 */
export async function keptSessionSecret(folder: string): Promise<string> {
  const file = join(folder, 'session-secret')
  try {
    return await readFile(file, 'utf8')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error
  }
  const secret = randomBytes(32).toString('hex')
  await mkdir(folder, { recursive: true, mode: 0o700 })
  // Renamed into place, so that an existing file is always complete
  const unfinished = `${file}.${process.pid}.tmp`
  await writeFile(unfinished, secret, { mode: 0o600 })
  await rename(unfinished, file)
  return secret
}
