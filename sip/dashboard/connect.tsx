import type { JSX } from 'preact'
import type { App, Settings } from './api.ts'
import { Copied } from './copied.tsx'

/** What a site adds to its page and its server, without the secrets. */
export function Connect({ app, settings }: { app: App; settings: Settings }): JSX.Element {
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
      <div class="stack tight">
        <h3 id="page">In the page</h3>
        <pre tabIndex={0} aria-labelledby="page">
          <code>{page}</code>
        </pre>
      </div>
      <div class="stack tight">
        <h3>Options of CivicStrategy</h3>
        <dl class="facts">
          <Copied name="appId" value={app.appId} />
          <Copied name="api" value={api} />
          <Copied name="env" value={app.stage} />
          <Copied name="sipPublicKey" value={sipPublicKey} />
        </dl>
      </div>
    </section>
  )
}
