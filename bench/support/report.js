import { cpus, release, totalmem, type } from 'node:os'
import process from 'node:process'
import prettier from 'prettier'

/** The lines of a table with aligned columns, for a terminal. */
export function lines({ head, rows }) {
  const widths = head.map((_, column) =>
    Math.max(...[head, ...rows].map((row) => (row[column] ?? '').length)),
  )
  return [head, ...rows].map((row) =>
    row
      .map((cell, column) => cell.padEnd(widths[column]))
      .join('  ')
      .trimEnd(),
  )
}

const line = (cells) => `| ${cells.join(' | ')} |`

const table = ({ head, rows }) => [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n')

export function machine() {
  const [{ model }] = cpus()
  const gigabytes = Math.round(totalmem() / 2 ** 30)
  const { node, v8, openssl } = process.versions
  return `${cpus().length} × ${model.trim()}, ${gigabytes} GiB, ${type()} ${release()}, Node ${node} (V8 ${v8}, OpenSSL ${openssl})`
}

/** All targets of a run in one table. */
export const targetTable = (sections) => ({
  head: ['figure', 'target', 'this run', ''],
  rows: sections
    .flatMap(({ targets }) => targets)
    .map(({ what, bound, value, verdict }) => [what, bound, value, verdict]),
})

/**
 * The run as Markdown.
 *
 * @param {{ title: string, text: string, tables: object[], targets: object[], headline?: string }[]} sections
 * @param {{ chart: string, date: string, load: number, notes: string }} more the chart's file; the machine's load
 *   average at the start; and notes
 */
export function markdown(sections, { chart, date, load, notes }) {
  const headlines = sections.flatMap(({ headline }) => (headline === undefined ? [] : [`- ${headline}`]))
  const parts = [
    '# Performance',
    'Output of `npm run bench`, which writes this file: do not edit it. Every figure is a median; all contenders are ' +
      'measured in the same rounds, one after the other, and a ratio is that of the medians, followed by the quartiles ' +
      'of the ratios of single rounds. **The limit** is the same work with bare `node:crypto` and `http.request` with ' +
      'keep-alive, and nothing checked but signatures.',
    `Measured on ${date}: ${machine()}. Its load average was ${load.toFixed(1)} when the run began.`,
    headlines.join('\n'),
    `![Logins per second](${chart})`,
    '## Targets',
    table(targetTable(sections)),
    ...sections.flatMap(({ title, text, tables }) => [`## ${title}`, text, ...tables.map(table)]),
    notes,
  ]
  return prettier.format(parts.join('\n\n').replace(/\n +/g, ' '), { parser: 'markdown' })
}
