import prettier from 'prettier'
import { number, whole } from '../support/format.js'
import { machine } from '../support/report.js'

const MIB = 2 ** 20
/** How much the heap may grow without a leak: the compiler's and the driver's caches vary. */
const HEAP_SLACK = 16 * MIB

const row = (cells) => `| ${cells.join(' | ')} |`
const table = (head, rows) => [row(head), row(head.map(() => '---')), ...rows.map(row)].join('\n')

const wrong = ({ wronglyAccepted, wronglyRefused, hung }) => wronglyAccepted + wronglyRefused + hung

/** Whether nothing was wrongly accepted or refused, hung, or leaked. */
export function isRight(areas, load) {
  const total = [...areas, load, load.warmUp].reduce((sum, counts) => sum + wrong(counts), 0)
  const leaks =
    load.forgotten.heap - load.before.heap > HEAP_SLACK || load.after.sockets > load.before.sockets
  return total === 0 && !leaks && load.tried === load.logins + load.refusals
}

/** The text of docs/reliability.md. */
export async function markdown({ areas, load, notes, date }) {
  const sum = (key) => areas.reduce((total, counts) => total + counts[key], 0)
  const cells = ({ tried, wronglyAccepted, wronglyRefused, hung }) =>
    [tried, wronglyAccepted, wronglyRefused, hung].map(whole)
  const mib = (bytes) => `${(bytes / MIB).toFixed(1)} MiB`
  const { before, after, forgotten } = load
  const total = {
    tried: sum('tried') + load.tried,
    wronglyAccepted: sum('wronglyAccepted') + load.wronglyAccepted,
    wronglyRefused: sum('wronglyRefused') + load.wronglyRefused,
    hung: sum('hung') + load.hung,
  }
  const text = `# Reliability

Written by \`npm run soak\` on ${date}: ${machine()}.

## Hostile input

Each input has exactly one right outcome: a login, or one particular refusal with nothing sent and nobody logged in.

${table(
  ['area', 'inputs tried', 'wrongly accepted', 'wrongly refused', 'hung'],
  [
    ...areas.map((counts) => [counts.area, ...cells(counts)]),
    ['Soak: logins while SIP fails', ...cells(load)],
    ['**all**', ...cells(total)],
  ],
)}

## Under load

${whole(load.tried)} logins of ${whole(load.people)} people through the example site,
${load.concurrency} at once; SIP, in another process, fails in one of ${load.every} exchanges. What each person got is
compared with what SIP sent. A login succeeds only if SIP sent a complete, genuine response, and opens that person's
account.

${table(
  ['outcome', 'count'],
  Object.entries(load.codes)
    .sort(([, a], [, b]) => b - a)
    .map(([code, times]) => [code === 'login' ? code : `\`${code}\``, whole(times)]),
)}

${table(
  ['how SIP failed', 'times'],
  Object.entries(load.faults).map(([name, times]) => [name, whole(times)]),
)}

It took ${load.seconds.toFixed(0)} s: ${number(load.tried / load.seconds)} logins a second, each followed by
a look at the account and a logout; half of them took at most ${number(load.p50)} ms, 99 of 100 at most ${number(load.p99)} ms (if SIP
does not respond, the deadline of 10 s ends the login).

${table(
  ['the site’s process', 'before', 'after'],
  [
    ['heap in use, replay keys aside', mib(before.heap), mib(forgotten.heap)],
    ['heap in use', mib(before.heap), mib(after.heap)],
    ['replay keys, which live as long as their tokens', whole(before.keys), whole(after.keys)],
    ['open sockets', whole(before.sockets), whole(after.sockets)],
  ],
)}

${notes}`
  return prettier.format(text, { parser: 'markdown' })
}
