import { SetupError, readConfig } from './config.ts'
import { fail, runSite } from './serve.ts'

// `npm run site`: the site alone, with the SIP that the CIVIC_* variables name.
try {
  const config = readConfig(process.env)
  const { sip, direct } = config
  if (!sip) throw new SetupError('CIVIC_APP_ID, CIVIC_APP_SECRET and CIVIC_PRIVATE_KEY are not set')
  await runSite(
    config,
    () => ({ ...sip, direct }),
    (url) => console.log(`Site: ${url}`),
  )
} catch (error) {
  fail(error)
}
