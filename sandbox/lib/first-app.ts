import type { AppOptions } from 'civic-sip-server'
import { ScopeRequests } from 'passport-civic-sip/user-data'
import { bracketed } from './hosts.ts'
import type { SandboxOptions } from './sandbox-options.ts'

const WHITELIST = ['localhost', '127.0.0.1']

/** The app that is there from the start: it may ask for everything, from any port of this machine. */
export const EXAMPLE_APP: AppOptions = {
  name: 'Example site',
  whitelist: WHITELIST,
  scopes: Object.keys(ScopeRequests),
}

/**
 * What the sandbox's options say of the app that is there from the start.
 * @param whitelist what the app has, if it is there already
 */
export function firstApp(
  { attestations, phone }: SandboxOptions,
  whitelist: readonly string[] = WHITELIST,
): Partial<Pick<AppOptions, 'attestations' | 'whitelist'>> {
  return {
    ...(attestations !== undefined && { attestations }),
    ...(phone !== undefined && { whitelist: [...new Set([...whitelist, bracketed(phone)])] }),
  }
}
