import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { anchorsOf } from '../support/anchors.ts'
import { root } from '../support/examples.ts'

const PROTOCOLS = ['docs/protocol.md', 'docs/wallet-protocol.md']
/** A citation in a comment: a page of docs/, with or without an anchor. */
const CITATION = /\bdocs\/[\w-]+\.md(#[\w-]+)?/g
/** The messages of docs/wallet-protocol.md by their short names. */
const MESSAGE = /\b[WM]\d\b/g
const SECTION_OF_PROTOCOL = /protocol\)?,? section|[^\d]\(sections? \d|\bprotocol, [WM]\d/i

const files = execFileSync(
  'git',
  ['ls-files', '--cached', '--others', '--exclude-standard', '*.ts', '*.tsx', '*.js', '*.html', '*.css'],
  { cwd: root, encoding: 'utf8' },
)
  .split('\n')
  .filter((file) => file !== '' && file !== 'test/docs/citations.test.ts' && existsSync(join(root, file)))
  .map((file) => ({ file, text: readFileSync(join(root, file), 'utf8') }))

describe('citations of the protocol', () => {
  for (const page of PROTOCOLS) {
    it(`find one place each in ${page}`, () => {
      const anchors = anchorsOf(join(root, page))
      assert.deepEqual(
        anchors.filter((anchor, at) => anchors.indexOf(anchor) !== at),
        [],
      )
    })
  }

  it('name a page, and an anchor that is on it', () => {
    const citations = files.flatMap(({ file, text }) =>
      [...text.matchAll(CITATION)].map(([citation]) => ({ file, citation })),
    )
    const broken = citations.filter(({ citation }) => !isThere(citation))
    assert.deepEqual(broken, [])
    // A pattern that finds nothing would pass as well
    assert.ok(citations.filter(({ citation }) => citation.startsWith('docs/protocol.md#')).length > 30)
  })

  it('are to anchors, not to sections by number', () => {
    const numbered = files.flatMap(({ file, text }) =>
      text
        .split('\n')
        .filter((line) => SECTION_OF_PROTOCOL.test(line))
        .map((line) => `${file}: ${line.trim()}`),
    )
    assert.deepEqual(numbered, [])
  })

  it('name messages of the wallet protocol that it describes', () => {
    const anchors = anchorsOf(join(root, 'docs/wallet-protocol.md'))
    const comments = files
      .filter(({ file }) => /^(lib\/direct|wallet\/lib)\//.test(file))
      .flatMap(({ text }) => text.match(/\/\*\*.*?\*\/|\/\/.*$/gms) ?? [])
    const messages = new Set(comments.flatMap((comment) => comment.match(MESSAGE) ?? []))
    assert.ok(messages.size > 4)
    assert.deepEqual(
      [...messages].filter((message) => !anchors.includes(message.toLowerCase())),
      [],
    )
  })
})

function isThere(citation: string): boolean {
  const [page, anchor] = citation.split('#')
  const file = join(root, page!)
  return existsSync(file) && (anchor === undefined || anchorsOf(file).includes(anchor))
}
