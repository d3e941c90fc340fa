import { fork } from 'node:child_process'
import { once } from 'node:events'
import process from 'node:process'
import { URL } from 'node:url'

const env = { ...process.env, NODE_ENV: 'production' }

/**
 * Starts one of the bench's own programs, which answers calls with `serve`.
 *
 * @param {string} file relative to this folder
 * @param {unknown} setup what its first call, `setup`, gets
 * @param {string[]} execArgv options of Node's
 * @returns the answer to `setup`, `call(name, argument)` and `stop()`
 */
export async function start(file, setup, execArgv = []) {
  // Passport-civic's library prints when one of its signatures comes out wrong
  const stdio = ['ignore', 'ignore', 'inherit', 'ipc']
  const child = fork(new URL(file, import.meta.url), { serialization: 'advanced', execArgv, env, stdio })
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
 * Answers the calls of the process that started this one, and ends with it.
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
