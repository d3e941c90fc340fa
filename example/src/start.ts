import { createSandbox } from 'civic-sip-sandbox'
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { readConfig } from './config.ts'
import { fail, onFreePort, runSite } from './serve.ts'

// What `npm start` runs: the site, and a sandbox that plays Civic unless the CIVIC_* variables name a SIP.
try {
  const config = readConfig(process.env)
  if (config.sip) {
    const { sip, direct } = config
    await runSite(
      config,
      () => ({ ...sip, direct }),
      (url) => console.log(`Site: ${url}`),
    )
  } else {
    await mkdir(config.dataFolder, { recursive: true, mode: 0o700 })
    const state = join(config.dataFolder, 'sandbox.json')
    const sandbox = await onFreePort([4000, 0], (port) =>
      createSandbox({ port, walletPort: port && 4001, state }),
    )
    try {
      await runSite(
        config,
        (origin) => ({
          civic: sandbox.strategyOptions(),
          scriptUrl: `${sandbox.url}/js/civic.sip.min.js`,
          direct: { ...sandbox.directOptions(), origin },
        }),
        (url) => {
          // The site's address stands last, where people look
          console.log(`Sandbox: ${sandbox.url}\nSite:    ${url}`)
          console.log(
            'Open the site, press "Sign up with Civic", and approve in the test wallet. Ctrl-C stops both.',
          )
        },
      )
    } finally {
      await sandbox.close()
    }
  }
} catch (error) {
  fail(error)
}
