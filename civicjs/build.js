/** Bundles CivicJS, its iframe page and its style sheet into `dist`, under the names that sites link. */
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { bundleAll, css, es5, unchanged } from 'civic-ui/bundle.js'

const folder = import.meta.dirname

await bundleAll(folder, join(folder, 'dist'), [
  { from: 'lib/civic.ts', to: 'civic.sip.min.js', as: es5, minify: true },
  { from: 'lib/v0.1.ts', to: 'civic.sip-v0.1.js', as: es5, minify: false },
  { from: 'css/civic-modal.css', to: 'civic-modal.css', as: css, minify: false },
  { from: 'css/civic-modal.css', to: 'civic-modal.min.css', as: css, minify: true },
  { from: 'frame/index.html', to: 'frame/index.html', as: unchanged },
  { from: 'frame/frame.css', to: 'frame/frame.css', as: css, minify: true },
  { from: 'frame/frame.ts', to: 'frame/frame.js', as: es5, minify: true },
])

// The scripts are CommonJS for a loader that asks, whatever the sources here are
await mkdir(join(folder, 'dist'), { recursive: true })
await writeFile(join(folder, 'dist/package.json'), '{ "type": "commonjs" }\n')
