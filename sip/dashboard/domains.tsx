import type { JSX } from 'preact'
import { useEffect, useState } from 'preact/hooks'
import { Badge, Button, Copied, Failure, focusHeading, useAction } from 'civic-ui'
import { api } from './api.ts'
import type { App, Domain } from './api.ts'

/** An app's hosts that need a proof, with the text to publish. */
export function Domains({ app, changed }: { app: App; changed: (app: App) => void }): JSX.Element | null {
  const [domains, setDomains] = useState<readonly Domain[]>([])
  const reload = async (): Promise<void> => {
    setDomains(await api.domains(app.appId))
    const now = (await api.apps()).find(({ appId }) => appId === app.appId)
    if (now) changed(now)
  }
  const load = useAction(async () => setDomains(await api.domains(app.appId)))
  // New entries of the list may need a proof
  useEffect(() => load.run(), [app])
  if (domains.length === 0) return load.failure === '' ? null : <Failure text={load.failure} />
  return (
    <section class="card pad stack" aria-labelledby="domains-title">
      <h2 id="domains-title" tabIndex={-1}>
        Proof of domains
      </h2>
      <p class="soft small">
        Prove that you control a domain with a file on the site or a DNS record. The server checks it again
        each week.
      </p>
      {domains.map((domain) => (
        <OneDomain key={domain.host} {...{ app, domain, reload }} />
      ))}
    </section>
  )
}

function OneDomain({
  app,
  domain,
  reload,
}: {
  app: App
  domain: Domain
  reload: () => Promise<void>
}): JSX.Element {
  const { host, isProved, lostAt, waiting, file, record } = domain
  const [isMissing, setMissing] = useState(false)
  const check = useAction(async () => {
    const { found } = await api.checkDomain(app.appId, host)
    setMissing(!found)
    if (found) await reload()
  })
  const drop = useAction(async () => {
    await api.dropDomain(app.appId, host)
    await reload()
    requestAnimationFrame(() => focusHeading('#whitelist-title'))
  })
  const isDone = isProved && waiting.length === 0 && lostAt === undefined
  return (
    <section class="keys stack tight" aria-label={host}>
      <div class="row wrap">
        <h3 class="grow">{host}</h3>
        <Badge tone={isDone ? 'good' : lostAt === undefined ? 'wait' : 'bad'}>
          {isDone ? 'found' : lostAt === undefined ? 'waiting for proof' : 'no longer found'}
        </Badge>
      </div>
      {!isDone && (
        <>
          {waiting.length > 0 && <p class="small">Not allowed yet: {waiting.join(', ')}</p>}
          <p class="small">
            Either serve the text at <code>{file.url}</code>
          </p>
          <dl class="facts">
            <Copied name="text" of={host} value={file.text} />
          </dl>
          <p class="small">
            or add a TXT record at <code>{record.name}</code>
          </p>
          <dl class="facts">
            <Copied name="record" of={host} value={record.text} />
          </dl>
        </>
      )}
      <p role="status" class="small">
        {isMissing && !check.isRunning && `Not found at ${host}.`}
      </p>
      <Failure text={check.failure || drop.failure} />
      <div class="row wrap">
        <Button busy={check.isRunning} aria-label={`Check ${host}`} onClick={() => check.run()}>
          Check now
        </Button>
        <Button
          kind="danger"
          busy={drop.isRunning}
          aria-label={`Remove the domain ${host}`}
          onClick={() => drop.run()}
        >
          Remove
        </Button>
      </div>
    </section>
  )
}
