import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'

const require = createRequire(import.meta.url)

/** The folders of the files that browsers load, in each installed package. */
function distOf(name: string): string {
  return join(dirname(require.resolve(`${name}/package.json`)), 'dist')
}

/** CivicJS and its style sheet. */
export const CIVICJS_FILES = distOf('civic-js')
/** The page in CivicJS's iframe. */
export const FRAME_FILES = join(CIVICJS_FILES, 'frame')
export const WALLET_FILES = join(distOf('civic-wallet'), 'app')
export const DASHBOARD_FILES = join(distOf('civic-sip-server'), 'dashboard')
