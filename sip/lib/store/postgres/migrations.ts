import { join } from 'node:path'

/** The folder of the scripts that make the server's tables. */
export const MIGRATIONS = join(import.meta.dirname, '../../../migrations')

/** The scripts that make a cosigner's tables in its separate database. */
export const COSIGNER_MIGRATIONS = join(MIGRATIONS, 'cosigner')
