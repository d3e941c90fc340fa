// Exchanges a code with a version of Civic's official client, in a separate process, because version 0.4 changes
// the globals of the one it runs in. Reads { version, sipPublicKey, config, authToken } from standard input,
// writes { userData } or { error } to standard output.
const { readFileSync } = require('node:fs')
const process = require('node:process')
const { createRequire } = require('node:module')
const { compileFunction } = require('node:vm')

const SIP_KEY = /049a45998638cfb3[0-9a-f]{114}/

/** Loads the client with SIP's key, a constant in its source, replaced in memory. */
function loadClient(version, sipPublicKey) {
  const filename = require.resolve(version)
  const source = readFileSync(filename, 'utf8')
  if (!SIP_KEY.test(source)) throw new Error(`${version} holds no SIP key`)
  const module = { exports: {} }
  const run = compileFunction(source.replace(SIP_KEY, sipPublicKey), ['module', 'exports', 'require'], {
    filename,
  })
  run(module, module.exports, createRequire(filename))
  return module.exports
}

const { version, sipPublicKey, config, authToken } = JSON.parse(readFileSync(0, 'utf8'))
loadClient(version, sipPublicKey)
  .newClient(config)
  .exchangeCode(authToken)
  .then(
    (userData) => ({ userData }),
    (error) => ({ error: String(error.message ?? error) }),
  )
  .then((result) => process.stdout.write(JSON.stringify(result)))
