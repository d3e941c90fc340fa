import type { JSX } from 'preact'
import { useState } from 'preact/hooks'
import { Labels } from 'passport-civic-sip/user-data'
import { Button, Confirm, Field, withFields } from 'civic-ui'
import { api } from './api.ts'

const LABELS = [Labels.EMAIL, Labels.PHONE_NUMBER, Labels.DOCUMENT_NUMBER]

/** Revokes all attestations of one email, phone number or document, for all keys. */
export function RevokeMatching({ changed }: { changed: () => Promise<void> }): JSX.Element {
  const [asked, ask] = useState<string>()
  const [error, setError] = useState('')
  const [done, setDone] = useState('')
  const revoke = async (value: string): Promise<void> => {
    const counts = []
    for (const label of LABELS) counts.push((await api.revokeMatching(label, value)).count)
    const count = counts.reduce((sum, one) => sum + one)
    setDone(count === 1 ? '1 attestation revoked.' : `${count} attestations revoked.`)
    await changed()
  }
  return (
    <form
      class="card pad stack tight"
      noValidate
      onSubmit={withFields(({ naming = '' }) => {
        setDone('')
        setError(naming === '' ? 'Type an email, a phone number or the number of a document.' : '')
        if (naming !== '') ask(naming)
      })}
    >
      <Field
        id="naming"
        name="naming"
        label="Revoke by email, phone number or document number"
        hint="Revokes every attestation of this value. The server stores only a keyed hash of it."
        autocomplete="off"
        error={error}
      />
      <p role="status" class="small soft">
        {done}
      </p>
      <div>
        <Button kind="danger" type="submit">
          Revoke all of this value
        </Button>
      </div>
      {asked !== undefined && (
        <Confirm
          title={`Revoke everything attested of ${asked}?`}
          text="People must verify it again in every wallet that holds it. This cannot be undone."
          yes="Revoke all"
          act={() => revoke(asked)}
          close={() => ask(undefined)}
        />
      )}
    </form>
  )
}
