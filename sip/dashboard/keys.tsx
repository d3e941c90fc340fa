import type { JSX } from 'preact'
import { useState } from 'preact/hooks'
import { Badge, Button, Confirm, Copied, dateTime, Failure, focusHeading, useAction } from 'civic-ui'
import { api, withoutSecrets } from './api.ts'
import type { App, Keys, RevealedKeys, SecretKeys } from './api.ts'
import { newKeyPair } from './key-pair.ts'
import { RevokeKeys } from './revoke-keys.tsx'

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
  const [isAsking, ask] = useState(false)
  const rotate = async (): Promise<void> => {
    const { prvKey, pubKey } = newKeyPair()
    const keys = await api.rotate(app.appId, pubKey)
    changed({ ...app, keys: [withoutSecrets(keys), ...app.keys] })
    setFresh({ ...keys, prvKey })
  }
  const revoked = (keys: readonly Keys[]): void => {
    changed({ ...app, keys })
    requestAnimationFrame(() => focusHeading('#keys'))
  }
  return (
    <section class="card pad stack" aria-labelledby="keys">
      <div class="title">
        <h2 id="keys" tabIndex={-1}>
          Id and keys
        </h2>
        <Button onClick={() => ask(true)}>Rotate keys</Button>
      </div>
      <dl class="facts">
        <Copied name="appId" value={app.appId} />
      </dl>
      {app.keys.map((keys, index) => (
        <OneKeys
          key={keys.keyId}
          {...{ app, keys }}
          made={fresh?.keyId === keys.keyId ? fresh : undefined}
          role={app.keys.length === 1 ? undefined : index === 0 ? 'current' : 'previous'}
          changed={revoked}
        />
      ))}
      {isAsking && (
        <Confirm
          title="Rotate keys?"
          text={`Makes new keys for ${app.name}. The keys before work until you revoke them, so that no login fails while you change your servers.`}
          yes="Make new keys"
          kind="primary"
          act={rotate}
          close={() => {
            ask(false)
            requestAnimationFrame(() => focusHeading('#keys'))
          }}
        />
      )}
    </section>
  )
}

function OneKeys({
  app,
  keys,
  made,
  role,
  changed,
}: {
  app: App
  keys: Keys
  made: SecretKeys | undefined
  role: 'current' | 'previous' | undefined
  changed: (all: readonly Keys[]) => void
}): JSX.Element {
  const [secrets, setSecrets] = useState<RevealedKeys | undefined>(made)
  const [isAsking, ask] = useState(false)
  const reveal = useAction(async () => setSecrets(await api.reveal(app.appId, keys.keyId)))
  const { keyId, endsAt } = keys
  const othersLast = app.keys.some((other) => other.keyId !== keyId && other.endsAt === undefined)
  return (
    <section class="keys stack tight" aria-label={`Keys ${keyId}`}>
      <div class="row wrap">
        <h3 class="grow">
          Keys <code>{keyId}</code>
        </h3>
        {role && <Badge tone={role === 'current' ? 'good' : 'wait'}>{role}</Badge>}
      </div>
      <p class="soft small">Made {dateTime(keys.createdAt)}</p>
      {endsAt !== undefined && (
        <p class="small">
          <strong>Revoked: these keys work until {dateTime(endsAt)}</strong>
        </p>
      )}
      {made && secrets && (
        <p class="notice small">
          Copy the secrets into your server’s configuration now, or the whole <code>.env</code> of the quick
          start. Your browser made the private key, and nobody can show it again.
        </p>
      )}
      <dl class="facts">
        {secrets && (
          <>
            <Copied name="appSecret" of={`keys ${keyId}`} value={secrets.appSecret} />
            {made && <Copied name="prvKey" of={`keys ${keyId}`} value={made.prvKey} />}
          </>
        )}
        <Copied name="pubKey" of={`keys ${keyId}`} value={keys.pubKey} />
      </dl>
      <Failure text={reveal.failure} />
      <div class="row wrap">
        {secrets ? (
          <Button aria-label={`Hide secrets of keys ${keyId}`} onClick={() => setSecrets(undefined)}>
            Hide secrets
          </Button>
        ) : (
          <Button
            aria-label={`Show secrets of keys ${keyId}`}
            busy={reveal.isRunning}
            onClick={() => reveal.run()}
          >
            Show secrets
          </Button>
        )}
        {othersLast && (
          <Button kind="danger" aria-label={`Revoke keys ${keyId}`} onClick={() => ask(true)}>
            Revoke
          </Button>
        )}
      </div>
      {isAsking && <RevokeKeys {...{ app, keys, changed }} close={() => ask(false)} />}
    </section>
  )
}
