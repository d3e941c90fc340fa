import type { AppOptions } from 'civic-sip-server'
import { ScopeRequests } from 'passport-civic-sip/user-data'
import { bracketed } from './hosts.ts'
import type { SandboxOptions } from './sandbox-options.ts'

const WHITELIST = ['localhost', '127.0.0.1']

/** The sandbox's first app: it may make every scope request, from any port of this machine. */
export const EXAMPLE_APP: AppOptions = {
  name: 'Example site',
  whitelist: WHITELIST,
  scopes: Object.keys(ScopeRequests),
}

/**
 * The first app's settings from the sandbox's options.
 * @param whitelist the app's white list, if it exists already
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
