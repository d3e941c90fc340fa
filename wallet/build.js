/** Bundles the wallet's page into `dist/app`. */
import { createHash } from 'node:crypto'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import console from 'node:console'
import { bundleAll, modern, moduleScript, unchanged } from 'civic-ui/bundle.js'

const folder = import.meta.dirname
const [source, target] = [join(folder, 'app'), join(folder, 'dist/app')]
const AS_THEY_ARE = ['index.html', 'manifest.webmanifest', 'icon.svg', 'icon-192.png', 'icon-512.png']
const shell = [
  ...AS_THEY_ARE.map((file) => ({ from: file, to: file, as: unchanged })),
  { from: 'wallet.css', to: 'wallet.css', as: modern },
  { from: 'wallet.tsx', to: 'wallet.js', as: moduleScript },
  { from: 'worker.ts', to: 'worker.js', as: modern },
]

/** The service worker. It contains a hash, so that a browser updates it if a file has changed. */
async function versioned(file) {
  const { content, inputs } = await modern(file)
  const files = shell.map(({ to }) => join(target, to))
  const hash = createHash('sha256')
  for (const made of files) hash.update(await readFile(made))
  return {
    content: content.replace('__VERSION__', hash.digest('hex').slice(0, 16)),
    inputs: [...inputs, ...files],
  }
}

await bundleAll(source, target, shell)
await bundleAll(
  source,
  target,
  [{ from: 'service-worker.ts', to: 'service-worker.js', as: versioned }],
  'worker',
)

/** The hashes of the files for `sha256sum -c`, for people who compare them with a server's. */
const names = [...shell.map(({ to }) => to), 'service-worker.js'].sort()
const sums = await Promise.all(
  names.map(async (name) => {
    const content = await readFile(join(target, name))
    return `${createHash('sha256').update(content).digest('hex')}  ${name}\n`
  }),
)
await writeFile(join(folder, 'dist/SHA256SUMS'), sums.join(''))
console.log(`The wallet's files, by SHA-256:\n${sums.join('')}`)
