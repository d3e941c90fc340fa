import type { JSX } from 'preact'
import { useState } from 'preact/hooks'
import { Confirm, dateTime } from 'civic-ui'
import { api } from './api.ts'
import type { App, Keys } from './api.ts'

/** For how long revoked keys still work. */
const CHOICES = [
  { validFor: 3600, name: 'In an hour', hint: 'for the time in which you change your servers' },
  { validFor: 24 * 3600, name: 'In a day', hint: 'for servers that change with the next release' },
  { validFor: 0, name: 'Now', hint: 'if somebody else may have the keys' },
] as const

/** Asks when an app's keys should stop working, and revokes them. */
export function RevokeKeys({
  app,
  keys,
  changed,
  close,
}: {
  app: App
  keys: Keys
  changed: (all: readonly Keys[]) => void
  close: () => void
}): JSX.Element {
  const { keyId, endsAt } = keys
  const [validFor, choose] = useState<number>(endsAt === undefined ? CHOICES[0].validFor : 0)
  const act = async (): Promise<void> => {
    if (validFor > 0) {
      const ending = await api.revokeLater(app.appId, keyId, validFor)
      changed(app.keys.map((other) => (other.keyId === keyId ? ending : other)))
    } else {
      await api.revokeKeys(app.appId, keyId)
      changed(app.keys.filter((other) => other.keyId !== keyId))
    }
  }
  const until = endsAt === undefined ? '' : ` They work until ${dateTime(endsAt)} unless you revoke them now.`
  return (
    <Confirm
      title={`Revoke keys ${keyId}?`}
      text={`SIP then refuses servers of ${app.name} that still use these keys. Other keys and apps do not change. This cannot be undone.${until}`}
      yes="Revoke keys"
      act={act}
      close={close}
    >
      {endsAt === undefined && (
        <fieldset class="stack tight">
          <legend>When should they stop working?</legend>
          {CHOICES.map((choice) => (
            <label key={choice.validFor} class="choice">
              <input
                type="radio"
                name="ends"
                checked={choice.validFor === validFor}
                onChange={() => choose(choice.validFor)}
              />
              <span>
                {choice.name} <span class="hint">{choice.hint}</span>
              </span>
            </label>
          ))}
        </fieldset>
      )}
    </Confirm>
  )
}
