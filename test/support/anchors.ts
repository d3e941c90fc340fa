import { readFileSync } from 'node:fs'

/** The anchors of a page, in order: its headings, as GitHub names them, and each `<a id="…">`. */
export function anchorsOf(file: string): string[] {
  const text = readFileSync(file, 'utf8').replace(/^(`{3,}).*?^\1$/gms, '')
  return [...text.matchAll(/^#+ (.+)$|<a id="([^"]+)">/gm)].map(([, heading, id]) => id ?? slugOf(heading!))
}

function slugOf(heading: string): string {
  return heading
    .toLowerCase()
    .replace(/[^\w\- ]/g, '')
    .replaceAll(' ', '-')
}
