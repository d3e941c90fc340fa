import { fork } from 'node:child_process'
import { once } from 'node:events'
import process from 'node:process'
import { fileURLToPath, URL } from 'node:url'
import { onCore } from './cores.js'

const env = { ...process.env, NODE_ENV: 'production' }

/**
 * Starts one of the bench's programs, which handles calls with `serve`.
 *
 * @param {string} file relative to this folder
 * @param {unknown} setup the argument of the first call, `setup`
 * @param {object} options
 * @param {string[]} options.execArgv options for Node
 * @param {string} options.core the core that the process runs on; default: any
 * @returns the result of `setup`, `call(name, argument)` and `stop()`
 */
export async function start(file, setup, { execArgv = [], core } = {}) {
  // Passport-civic's library prints if one of its signatures is wrong
  const stdio = ['ignore', 'ignore', 'inherit', 'ipc']
  const program = fileURLToPath(new URL(file, import.meta.url))
  const child = fork(program, { serialization: 'advanced', env, stdio, ...onCore(core, execArgv) })
  const waiting = new Map()
  child.on('message', ({ id, result, error }) => {
    const { resolve, reject } = waiting.get(id)
    waiting.delete(id)
    if (error === undefined) resolve(result)
    else reject(new Error(error))
  })
  child.on('exit', (code) => {
    for (const { reject } of waiting.values()) reject(new Error(`${file} ended with ${code}`))
  })
  let calls = 0
  const call = (name, argument) =>
    new Promise((resolve, reject) => {
      const id = calls++
      waiting.set(id, { resolve, reject })
      child.send({ id, name, argument })
    })
  const stop = async () => {
    const exited = once(child, 'exit')
    child.disconnect()
    await exited
  }
  return { ready: await call('setup', setup), call, stop }
}

/**
 * Handles the calls of the parent process, and ends with it.
 *
 * @param {Record<string, (argument: unknown) => unknown>} methods
 */
export function serve(methods) {
  process.on('message', async ({ id, name, argument }) => {
    try {
      process.send({ id, result: await methods[name](argument) })
    } catch (error) {
      process.send({ id, error: error.stack })
    }
  })
  process.once('disconnect', () => process.exit())
}
