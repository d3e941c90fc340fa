import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

export const root = join(import.meta.dirname, '../..')

/** Every document of the repository. */
export const pages: readonly string[] = execFileSync(
  'git',
  ['ls-files', '--cached', '--others', '--exclude-standard', '*.md'],
  { cwd: root, encoding: 'utf8' },
)
  .split('\n')
  .filter((page) => page !== '' && existsSync(join(root, page)))

/** The kinds of code blocks of a page. */
export interface Page {
  readonly page: string
  readonly examples: Example[]
  readonly excerpts: { path: string; text: string }[]
  /** Blocks that are neither. */
  readonly loose: { line: number; language: string }[]
}

/** One file of a page, assembled from its blocks. */
export interface Example {
  readonly page: string
  readonly name: string
  /** The whole file, or only the part that readers see. */
  readonly text: string
  readonly visible: string
}

const FENCE = /^\s*(`{3,})(\w*)/
const COMMENT = /^<!-- (file|excerpt): (\S+)( -->)?$/

/**
 * Finds the examples of a page. `<!-- file: NAME -->` says that the next block goes on with file NAME; lines between
 * the name and `-->` go there before it, unseen by readers, and need no block after them. `<!-- excerpt: PATH -->` says
 * that the next block stands, word for word, in a file of the repository that other checks run.
 */
export function examplesOf(page: string): Page {
  const lines = readFileSync(join(root, page), 'utf8').split('\n')
  const texts = new Map<string, { text: string; visible: string }>()
  const loose: Page['loose'] = []
  const excerpts: Page['excerpts'] = []
  let excerpt: string | undefined
  let name: string | undefined
  const append = (added: string[], isVisible: boolean): void => {
    if (name === undefined || added.length === 0) return
    const { text, visible } = texts.get(name) ?? { text: '', visible: '' }
    const more = `${added.join('\n')}\n`
    texts.set(name, { text: text + more, visible: isVisible ? visible + more : visible })
  }
  for (let at = 0; at < lines.length; at++) {
    const [, kind, file, isClosed] = COMMENT.exec(lines[at]!) ?? []
    const [, ticks, language] = FENCE.exec(lines[at]!) ?? []
    if (kind === 'excerpt') {
      excerpt = file
    } else if (file !== undefined) {
      name = file
      if (isClosed) continue
      const end = lines.indexOf('-->', at)
      append(lines.slice(at + 1, end), false)
      at = end
      // At a page's or a section's end: nothing for readers follows
      if (!/^\s*```/.test(lines.slice(at + 1).find((line) => line.trim() !== '') ?? '')) name = undefined
    } else if (ticks !== undefined) {
      const end = lines.findIndex((line, index) => index > at && line.trim() === ticks)
      const block = lines.slice(at + 1, end)
      if (excerpt !== undefined) excerpts.push({ path: excerpt, text: block.join('\n') })
      else if (name === undefined) loose.push({ line: at + 1, language: language! })
      append(block, true)
      name = excerpt = undefined
      at = end
    }
  }
  const examples = [...texts].map(([name, { text, visible }]) => ({ page, name, text, visible }))
  return { page, examples, excerpts, loose }
}

/** Inside the repository, so that the examples find its packages; git ignores it. */
const out = join(root, 'test/docs/.examples')

/**
 * Writes examples to a new folder.
 *
 * @returns the folder, with one folder for each page in it
 */
export function writeExamples(examples: readonly Example[]): string {
  mkdirSync(out, { recursive: true })
  const folder = mkdtempSync(join(out, 'x-'))
  for (const { page, name, text } of examples) {
    const file = join(folder, pageFolder(page), name)
    mkdirSync(join(file, '..'), { recursive: true })
    writeFileSync(file, text)
  }
  return folder
}

export function pageFolder(page: string): string {
  return page.replace(/\.md$/, '').replaceAll('/', '-').toLowerCase()
}

export function remove(folder: string): void {
  return rmSync(folder, { recursive: true, force: true })
}
