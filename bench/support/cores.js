import { spawnSync } from 'node:child_process'
import { availableParallelism, platform } from 'node:os'
import process from 'node:process'

/** Whether a process can be kept on one core here. */
const canPin =
  platform() === 'linux' && availableParallelism() > 1 && spawnSync('taskset', ['--version']).status === 0

const ALL = `0-${availableParallelism() - 1}`
/** What is measured has the last core for itself; all else shares the first. */
export const MEASURED = canPin ? String(availableParallelism() - 1) : undefined
export const OTHERS = canPin ? '0' : undefined

/**
 * How to start Node on one core.
 *
 * @param {string | undefined} core undefined for all of them, also where this process is on one
 * @param {string[]} execArgv options of Node's
 * @returns options of `fork`
 */
export function onCore(core, execArgv) {
  if (!canPin) return { execArgv }
  return { execPath: 'taskset', execArgv: ['-c', core ?? ALL, process.execPath, ...execArgv] }
}

/**
 * Does some work with this process, which sends, on the core of the others.
 *
 * @template T
 * @param {() => Promise<T>} work
 */
export async function besideMeasured(work) {
  const move = (cores) => canPin && spawnSync('taskset', ['-a', '-c', '-p', cores, String(process.pid)])
  move(OTHERS)
  try {
    return await work()
  } finally {
    move(ALL)
  }
}
