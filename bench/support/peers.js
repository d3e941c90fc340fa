import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { compileFunction } from 'node:vm'

const SIP_KEY = /049a45998638cfb3[0-9a-f]{114}/
const require = createRequire(import.meta.url)

/** The functions of civic-sip-api 1.2.1 that one exchange calls. */
export const civicSipApi = () => ({
  jwt: require('civic-sip-api/lib/jwt'),
  basicCrypto: require('civic-sip-api/lib/basicCrypto'),
})

/**
 * Passport-civic's Strategy. SIP's key, a constant in its client's source, is replaced in memory. It changes globals
 * (babel-polyfill), so use a separate process.
 */
export function passportCivic(sipPublicKey) {
  const filename = createRequire(require.resolve('passport-civic')).resolve('civic-sip-api')
  const source = readFileSync(filename, 'utf8')
  if (!SIP_KEY.test(source)) throw new Error('passport-civic has a client that holds no SIP key')
  const module = { exports: {}, loaded: true, children: [] }
  const names = ['module', 'exports', 'require']
  const run = compileFunction(source.replace(SIP_KEY, sipPublicKey), names, { filename })
  run(module, module.exports, createRequire(filename))
  require.cache[filename] = module
  return require('passport-civic').Strategy
}
