/** Bundles the sandbox's pages into `dist/pages`. */
import { join } from 'node:path'
import { bundleAll, modern, unchanged } from 'civic-ui/bundle.js'

const folder = import.meta.dirname

await bundleAll(join(folder, 'pages'), join(folder, 'dist/pages'), [
  { from: 'index.html', to: 'index.html', as: unchanged },
  { from: 'sandbox.css', to: 'sandbox.css', as: modern },
  { from: 'sandbox.tsx', to: 'sandbox.js', as: modern },
])
