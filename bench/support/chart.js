const ROW = 40
const LEFT = 190
const WIDTH = 760
const RIGHT = 120

const escape = (text) => text.replace(/[&<>]/g, (sign) => `&#${sign.charCodeAt(0)};`)

/**
 * Draws horizontal bars with their quartiles as whiskers, for light and dark pages.
 *
 * @param {string} title
 * @param {{ name: string, value: number, low: number, high: number }[]} bars
 * @param {(value: number) => string} label
 * @returns {string} an SVG
 */
export function barChart(title, bars, label) {
  const largest = Math.max(...bars.map(({ high, value }) => Math.max(high, value)))
  const x = (value) => Math.round(LEFT + (value / largest) * (WIDTH - LEFT - RIGHT))
  const height = 60 + bars.length * ROW
  const rows = bars.map(({ name, value, low, high }, index) => {
    const y = 52 + index * ROW
    const middle = y + 13
    const kind = name.startsWith('ours') ? 'ours' : 'other'
    return `  <text x="${LEFT - 12}" y="${middle + 5}" text-anchor="end">${escape(name)}</text>
  <rect class="${kind}" x="${LEFT}" y="${y}" width="${Math.max(2, x(value) - LEFT)}" height="26" rx="3"/>
  <path class="whisker" d="M${x(low)} ${middle}H${x(high)}M${x(low)} ${middle - 5}v10M${x(high)} ${middle - 5}v10"/>
  <text class="value" x="${Math.max(x(value), x(high)) + 10}" y="${middle + 5}">${escape(label(value))}</text>`
  })
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" role="img" aria-labelledby="title">
  <title id="title">${escape(title)}</title>
  <style>
    text { font: 14px system-ui, sans-serif; fill: #1f2328 }
    .heading { font-size: 16px; font-weight: 600 }
    .value { font-weight: 600 }
    .ours { fill: #2f7d5b }
    .other { fill: #9aa3ad }
    .whisker { fill: none; stroke: #1f2328; stroke-width: 1.5 }
    @media (prefers-color-scheme: dark) {
      text { fill: #e6edf3 }
      .ours { fill: #3fa878 }
      .other { fill: #6e7781 }
      .whisker { stroke: #e6edf3 }
    }
  </style>
  <text class="heading" x="12" y="28">${escape(title)}</text>
${rows.join('\n')}
</svg>
`
}
