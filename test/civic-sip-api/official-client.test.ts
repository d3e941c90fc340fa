import assert from 'node:assert/strict'
import { spawn, spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { createSandbox } from 'civic-sip-sandbox'
import type { Sandbox } from 'civic-sip-sandbox'

const folder = import.meta.dirname

interface Result {
  readonly userData?: { userId: string; data: { label: string; value: string }[] }
  readonly error?: string
}

function exchange(input: object): Promise<Result> {
  return new Promise((resolve, reject) => {
    const client = spawn(process.execPath, ['--no-deprecation', 'client.cjs'], { cwd: folder })
    let [output, errors] = ['', '']
    client.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()))
    client.stderr.on('data', (chunk: Buffer) => (errors += chunk.toString()))
    client.on('error', reject)
    client.on('close', () => (output ? resolve(JSON.parse(output) as Result) : reject(new Error(errors))))
    client.stdin.end(JSON.stringify(input))
  })
}

/** @returns whether the clients are there, if need be by asking the registry for them */
function install(): boolean {
  if (existsSync(`${folder}/node_modules/civic-sip-api`)) return true
  const options = { cwd: folder, shell: process.platform === 'win32', timeout: 100_000 }
  return spawnSync('npm', ['ci', '--ignore-scripts', '--no-audit', '--no-fund'], options).status === 0
}

describe("sandbox: Civic's official client", function () {
  let sandbox: Sandbox

  before(async function () {
    this.timeout(120_000)
    if (!install()) {
      if (process.env['CI']) throw new Error('civic-sip-api cannot be installed')
      console.log(`skipped: civic-sip-api is not installed; run npm ci in ${folder}`)
      this.skip()
    }
    sandbox = await createSandbox()
  })
  // Not made where the test was skipped.
  after(() => (sandbox as Sandbox | undefined)?.close())

  const versions: [name: string, version: string][] = [
    ['civic-sip-api', '1.2.1'],
    ['civic-sip-api-0.4', '0.4.2'],
  ]
  for (const [version, number] of versions) {
    it(`exchanges a code with version ${number}`, async () => {
      const { sipPublicKey, ...config } = sandbox.strategyOptions()
      const authToken = await sandbox.authCode({ user: { email: 'gil@example.org' } })
      const { userData, error } = await exchange({ version, sipPublicKey, config, authToken })
      assert.equal(error, undefined)
      assert.match(userData!.userId, /^[0-9a-f]{64}$/)
      assert.deepEqual(
        userData!.data.map(({ label, value }) => [label, label.endsWith('email') && value]),
        [
          ['contact.personal.email', 'gil@example.org'],
          ['contact.personal.phoneNumber', false],
        ],
      )
    })

    it(`is refused with version ${number} and the wrong secret`, async () => {
      const { sipPublicKey, ...config } = sandbox.strategyOptions()
      const appSecret = '0'.repeat(32)
      const authToken = await sandbox.authCode()
      const { error } = await exchange({ version, sipPublicKey, config: { ...config, appSecret }, authToken })
      assert.match(error ?? '', /HMAC extension|401/)
    })
  }

  it('follows version 1.2.1 to a large payload, and to a URL without a stage', async () => {
    const { sipPublicKey, ...config } = sandbox.strategyOptions()
    const authToken = await sandbox.authCode({ scopeRequest: 'PROOF_OF_IDENTITY' })
    const result = await exchange({
      version: 'civic-sip-api',
      sipPublicKey,
      config: { ...config, includeStageInURL: false },
      authToken,
    })
    assert.equal(result.error, undefined)
    const image = result.userData!.data.find(({ label }) => label === 'documents.genericId.image')
    assert.ok(image!.value.length > 50_000)
  })
})
