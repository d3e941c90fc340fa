import type { JSX } from 'preact'
import { Copied, Snippet } from 'civic-ui'
import type { App, SecretKeys, Settings } from './api.ts'

/** The code that a site adds to its page and its server. */
export function Connect({
  app,
  settings,
  fresh,
}: {
  app: App
  settings: Settings
  fresh: SecretKeys | undefined
}): JSX.Element {
  const { url, api, sipPublicKey } = settings
  const stage = app.stage === 'prod' ? '' : `, stage: '${app.stage}'`
  const page = `<link rel="stylesheet" href="${url}/css/civic-modal.min.css">
<script src="${url}/js/civic.sip.min.js"></script>
<script>
  const sip = new civic.sip({ appId: '${app.appId}'${stage} })
</script>`
  return (
    <section class="card pad stack" aria-labelledby="connect">
      <h2 id="connect">Connect a site</h2>
      <Snippet name="In the page" text={page} />
      {!fresh && <Snippet name=".env of the server" text={envOf(app, settings)} />}
      <h3>Options of CivicStrategy</h3>
      <dl class="facts">
        <Copied name="appId" of="CivicStrategy" value={app.appId} />
        <Copied name="api" value={api} />
        <Copied name="env" value={app.stage} />
        <Copied name="sipPublicKey" value={sipPublicKey} />
      </dl>
    </section>
  )
}

/** Lines for a site's `.env` file. Unknown secrets are left empty. */
export function envOf(
  { appId, stage }: App,
  { url, api, sipPublicKey }: Settings,
  secrets?: SecretKeys,
): string {
  const lines = {
    CIVIC_APP_ID: appId,
    CIVIC_APP_SECRET: secrets?.appSecret ?? '',
    CIVIC_PRIVATE_KEY: secrets?.prvKey ?? '',
    CIVIC_API: api,
    CIVIC_ENV: stage,
    CIVIC_SIP_PUBLIC_KEY: sipPublicKey,
    CIVIC_SCRIPT: `${url}/js/civic.sip.min.js`,
  }
  return Object.entries(lines)
    .map(([name, value]) => `${name}=${value}`)
    .join('\n')
}
