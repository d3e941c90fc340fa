import { spawnSync } from 'node:child_process'
import { availableParallelism, platform } from 'node:os'
import process from 'node:process'

/** Whether this machine can pin a process to one core. */
const canPin =
  platform() === 'linux' && availableParallelism() > 1 && spawnSync('taskset', ['--version']).status === 0

const ALL = `0-${availableParallelism() - 1}`
/** The measured process has the last core to itself. All others share the first. */
export const MEASURED = canPin ? String(availableParallelism() - 1) : undefined
export const OTHERS = canPin ? '0' : undefined

/**
 * The options that start Node on one core.
 *
 * @param {string | undefined} core undefined: all cores, even if this process is pinned to one
 * @param {string[]} execArgv options for Node
 * @returns options of `fork`
 */
export function onCore(core, execArgv) {
  if (!canPin) return { execArgv }
  return { execPath: 'taskset', execArgv: ['-c', core ?? ALL, process.execPath, ...execArgv] }
}

/**
 * Runs work with this process, which sends the requests, on the core of the others.
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
