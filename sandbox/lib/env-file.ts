import { chmodSync, existsSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import type { Sandbox } from './sandbox.ts'

/** The variables with which a site uses the sandbox's first app; undefined: not with this sandbox. */
function variables(sandbox: Sandbox): Readonly<Record<string, string | undefined>> {
  const { appId, appSecret, prvKey, api, audience, env, sipPublicKey } = sandbox.strategyOptions()
  return {
    CIVIC_APP_ID: appId,
    CIVIC_APP_SECRET: appSecret,
    CIVIC_PRIVATE_KEY: prvKey,
    CIVIC_API: api,
    CIVIC_AUDIENCE: audience,
    CIVIC_ENV: env,
    CIVIC_SIP_PUBLIC_KEY: sipPublicKey,
    CIVIC_SCRIPT: `${sandbox.url}/js/civic.sip.min.js`,
  }
}

/** The same as lines of a `.env` file. */
export function envLines(sandbox: Sandbox): string[] {
  return Object.entries(variables(sandbox)).flatMap(([name, value]) =>
    value === undefined ? [] : [`${name}=${value}`],
  )
}

/**
 * Writes the variables to a file. It replaces their lines, keeps all others, and has mode 0600, because they are
 * secrets.
 * @throws Error that names the option and the path
 */
export function writeEnvFile(path: string, sandbox: Sandbox): void {
  if (!existsSync(dirname(resolve(path)))) throw new Error(`--env: there is no folder ${dirname(path)}`)
  const names = Object.keys(variables(sandbox))
  const before = existsSync(path) ? readFileSync(path, 'utf8').split('\n') : []
  const others = before.filter((line) => line !== '' && !names.some((name) => line.startsWith(`${name}=`)))
  writeFileSync(path, `${[...others, ...envLines(sandbox)].join('\n')}\n`, { mode: 0o600 })
  chmodSync(path, 0o600)
}
