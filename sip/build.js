/** Bundles the partners' pages into `dist/dashboard`. */
import { join } from 'node:path'
import { bundleAll, modern, unchanged } from 'civic-ui/bundle.js'

const folder = import.meta.dirname

await bundleAll(join(folder, 'dashboard'), join(folder, 'dist/dashboard'), [
  { from: 'index.html', to: 'index.html', as: unchanged },
  { from: 'dashboard.css', to: 'dashboard.css', as: modern },
  { from: 'dashboard.tsx', to: 'dashboard.js', as: modern },
])
