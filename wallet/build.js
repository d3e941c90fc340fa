/** Bundles the wallet's page into `dist/app`. */
import { join } from 'node:path'
import { bundleAll, modern, unchanged } from 'civic-ui/bundle.js'

const folder = import.meta.dirname

await bundleAll(join(folder, 'app'), join(folder, 'dist/app'), [
  { from: 'index.html', to: 'index.html', as: unchanged },
  { from: 'wallet.css', to: 'wallet.css', as: modern },
  { from: 'wallet.tsx', to: 'wallet.js', as: modern },
  { from: 'worker.ts', to: 'worker.js', as: modern },
])
