import { createRequire } from 'node:module'
import { fileURLToPath, URL } from 'node:url'

// Stryker looks for plugins beside itself and in the project's root; ours are beside this file
const require = createRequire(import.meta.url)

/** What is fast and needs no server or browser; a mutant that survives these has no test to name it. */
const hostile = ['answers', 'payload-url', 'profile', 'redirects', 'reload', 'replay', 'requests', 'tls']
const tokens = ['token-claims', 'token-signature', 'token-structure']
const wire = ['bodies', 'cookie', 'forms', 'options', 'well-known', 'network', 'files', 'headers']
const requests = ['start', 'states', 'store', 'limits', 'login', 'strategy', 'relay', 'privacy', 'refusals']
const answers = ['attestations', 'mixed-answers', 'lying-sip', 'ledger']
const spec = [
  fileURLToPath(new URL('limit.js', import.meta.url)),
  'test/lib/**/*.test.ts',
  ...[...hostile, ...tokens].map((name) => `test/hostile/${name}.test.ts`),
  ...[...wire, ...requests, ...answers].map((name) => `test/direct/${name}.test.ts`),
]

export default {
  mutate: ['lib/**/*.ts'],
  plugins: [require.resolve('@stryker-mutator/mocha-runner')],
  testRunner: 'mocha',
  testRunnerNodeArgs: ['--import=tsx/esm'],
  // It bundles dist/, which no mutant changes
  mochaOptions: { spec, ignore: ['test/lib/exports.test.ts'] },
  coverageAnalysis: 'perTest',
  timeoutMS: 10_000,
  concurrency: 2,
  reporters: ['progress-append-only', 'clear-text', 'html', 'json'],
  clearTextReporter: { allowColor: false, logTests: false, reportTests: false },
  thresholds: { high: 100, low: 95, break: 95 },
}
