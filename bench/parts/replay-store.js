/** Part 5: a million keys in the replay store. */
import { start } from '../support/child.js'
import { number, target, whole } from '../support/format.js'

export async function replayStore({ isShort }) {
  const keys = isShort ? 20_000 : 1_000_000
  const child = await start('replay-store.js', undefined, { execArgv: ['--expose-gc'] })
  try {
    const { first, last, bytesPerKey, longestPause } = await child.call('fill', {
      keys,
      ttlMs: isShort ? 1000 : 8_000,
    })
    const rows = [
      ['CPU per consume, the first quarter', `${number(first)} µs`],
      ['CPU per consume, the last quarter', `${number(last)} µs`],
      ['memory per key', `${number(bytesPerKey)} bytes`],
      ['longest block while all expire', `${number(longestPause)} ms`],
    ]
    return {
      title: 'Replay store',
      text: 'The memory replay store, filled and then left until all its keys have expired.',
      tables: [{ head: [`${whole(keys)} live keys`, ''], rows }],
      targets: [
        target('replay store, last consumes to first', last / first, { atMost: 1.5 }, '×'),
        target('replay store, memory per key', bytesPerKey, { atMost: 200 }, 'bytes'),
        target('replay store, longest block on expiry', longestPause, { atMost: 5 }, 'ms'),
      ],
    }
  } finally {
    await child.stop()
  }
}
