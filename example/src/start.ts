import { createSandbox } from 'civic-sip-sandbox'
import { lanAddress, phoneNote } from 'civic-sip-sandbox/phone'
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { readConfig, SetupError } from './config.ts'
import { fail, onFreePort, runSite } from './serve.ts'

// `npm start`: the site, and a sandbox in place of Civic unless the CIVIC_* variables name a SIP.
try {
  const config = readConfig(process.env)
  const phone = process.argv.includes('--phone') ? phoneAddress() : undefined
  console.log('Starting the database…')
  if (config.sip) {
    const { sip, direct } = config
    await runSite(
      config,
      () => ({ ...sip, direct }),
      (url) => console.log(`${ready()}: open ${url}. Ctrl-C stops it.`),
    )
  } else {
    await mkdir(config.dataFolder, { recursive: true, mode: 0o700 })
    const state = join(config.dataFolder, 'sandbox.json')
    const sandbox = await onFreePort([4000, 0], (port) =>
      createSandbox({ port, walletPort: port && 4001, state, ...(phone !== undefined && { phone }) }),
    )
    try {
      await runSite(
        phone === undefined ? config : { ...config, host: phone },
        (origin) => ({
          civic: sandbox.strategyOptions(),
          scriptUrl: `${sandbox.url}/js/civic.sip.min.js`,
          direct: { ...sandbox.directOptions(), origin },
        }),
        (url) => {
          console.log(`Dashboard: ${sandbox.url}`)
          if (phone !== undefined) console.log(phoneNote(url))
          // The site's address comes last, where people look
          console.log(`${ready()}: open ${url}, press Sign up with Civic. Ctrl-C stops it.`)
        },
      )
    } finally {
      await sandbox.close()
    }
  }
} catch (error) {
  fail(error)
}

function phoneAddress(): string {
  try {
    return lanAddress()
  } catch (error) {
    throw new SetupError((error as Error).message)
  }
}

function ready(): string {
  return `Ready in ${Math.ceil(process.uptime())} s`
}
