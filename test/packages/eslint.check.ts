import { Consumer } from './support/consumer.ts'
import { run } from './support/run.ts'

/** Every import that the packages offer. */
const PROGRAM = `import { CivicStrategy } from 'passport-civic-sip'
import { signToken } from 'passport-civic-sip/crypto'
import { Labels } from 'passport-civic-sip/user-data'
import { verifyOffline } from 'civic-attestations'
import { createSandbox } from 'civic-sip-sandbox'
export { CivicStrategy, signToken, Labels, verifyOffline, createSandbox }
`

const CONFIG = `import plugin from 'eslint-plugin-import'
export default [plugin.flatConfigs.recommended, { languageOptions: { ecmaVersion: 2022, sourceType: 'module' } }]
`

describe('eslint-plugin-import 2, which knows no `exports`', function () {
  this.timeout(300_000)

  it('finds every entry of the packages, and every name', async () => {
    const consumer = await Consumer.create(['eslint@9', 'eslint-plugin-import@2'])
    consumer.write('app.js', PROGRAM)
    consumer.write('eslint.config.js', CONFIG)
    await run(process.execPath, ['node_modules/eslint/bin/eslint.js', 'app.js'], consumer.folder)
  })
})
