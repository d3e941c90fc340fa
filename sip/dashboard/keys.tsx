import type { JSX } from 'preact'
import { useState } from 'preact/hooks'
import { Badge, Button, Failure } from 'civic-ui'
import { dateTime } from 'civic-ui'
import { useAction } from 'civic-ui'
import { api, withoutSecrets } from './api.ts'
import type { App, Keys, RevealedKeys, SecretKeys } from './api.ts'
import { Confirm } from './confirm.tsx'
import { Copied } from './copied.tsx'
import { newKeyPair } from './key-pair.ts'

/** An app's id and its keys: the current ones and, during a rotation, the previous ones. */
export function KeysOfApp({
  app,
  fresh,
  setFresh,
  changed,
}: {
  app: App
  fresh: SecretKeys | undefined
  setFresh: (keys: SecretKeys | undefined) => void
  changed: (app: App) => void
}): JSX.Element {
  const rotate = useAction(async () => {
    const { prvKey, pubKey } = newKeyPair()
    const keys = await api.rotate(app.appId, pubKey)
    changed({ ...app, keys: [withoutSecrets(keys), ...app.keys] })
    setFresh({ ...keys, prvKey })
  })
  const revoked = ({ keyId }: Keys): void => {
    changed({ ...app, keys: app.keys.filter((other) => other.keyId !== keyId) })
  }
  return (
    <section class="card pad stack" aria-labelledby="keys">
      <div class="title">
        <h2 id="keys">Id and keys</h2>
        <Button busy={rotate.isRunning} onClick={() => rotate.run()}>
          Rotate keys
        </Button>
      </div>
      <Failure text={rotate.failure} />
      <dl class="facts">
        <Copied name="appId" value={app.appId} />
      </dl>
      {app.keys.map((keys, index) => (
        <OneKeys
          key={keys.keyId}
          app={app}
          keys={keys}
          made={fresh?.keyId === keys.keyId ? fresh : undefined}
          role={app.keys.length === 1 ? undefined : index === 0 ? 'current' : 'previous'}
          revoked={() => revoked(keys)}
        />
      ))}
    </section>
  )
}

function OneKeys({
  app,
  keys,
  made,
  role,
  revoked,
}: {
  app: App
  keys: Keys
  made: SecretKeys | undefined
  role: 'current' | 'previous' | undefined
  revoked: () => void
}): JSX.Element {
  const [secrets, setSecrets] = useState<RevealedKeys | undefined>(made)
  const [isAsking, ask] = useState(false)
  const reveal = useAction(async () => setSecrets(await api.reveal(app.appId, keys.keyId)))
  return (
    <section class="keys stack tight" aria-label={`Keys ${keys.keyId}`}>
      <div class="row wrap">
        <h3 class="grow">
          Keys <code>{keys.keyId}</code>
        </h3>
        {role && <Badge tone={role === 'current' ? 'good' : 'wait'}>{role}</Badge>}
      </div>
      <p class="soft small">Made {dateTime(keys.createdAt)}</p>
      {made && secrets && (
        <p class="notice small">
          Copy the secrets into your server’s configuration now. Your browser made the private key, and nobody
          can show it again.
        </p>
      )}
      {made && secrets && (
        <pre tabIndex={0} aria-label="Configuration">
          <code>{envOf(app, made)}</code>
        </pre>
      )}
      <dl class="facts">
        {secrets && (
          <>
            <Copied name="appSecret" value={secrets.appSecret} />
            {made && <Copied name="prvKey" value={made.prvKey} />}
          </>
        )}
        <Copied name="pubKey" value={keys.pubKey} />
      </dl>
      <Failure text={reveal.failure} />
      <div class="row wrap">
        {secrets ? (
          <Button onClick={() => setSecrets(undefined)}>Hide secrets</Button>
        ) : (
          <Button busy={reveal.isRunning} onClick={() => reveal.run()}>
            Show secrets
          </Button>
        )}
        {role && (
          <Button kind="danger" onClick={() => ask(true)}>
            Revoke
          </Button>
        )}
      </div>
      {isAsking && (
        <Confirm
          title={`Revoke keys ${keys.keyId}?`}
          text={`Servers of ${app.name} that still use these keys will be refused. Other keys and apps do not change.`}
          yes="Revoke keys"
          act={async () => {
            await api.revokeKeys(app.appId, keys.keyId)
            revoked()
          }}
          close={() => ask(false)}
        />
      )}
    </section>
  )
}

/** Lines for a site's `.env` file. */
function envOf({ appId }: App, { appSecret, prvKey }: SecretKeys): string {
  return `CIVIC_APP_ID=${appId}\nCIVIC_APP_SECRET=${appSecret}\nCIVIC_PRIVATE_KEY=${prvKey}`
}
