import type { JSX } from 'preact'
import { useState } from 'preact/hooks'
import { Labels } from 'passport-civic-sip/user-data'
import { withFields } from 'civic-ui'
import { Button, Failure, Field } from 'civic-ui'
import { useAction } from 'civic-ui'
import { api } from './api.ts'

const LABELS = [Labels.EMAIL, Labels.PHONE_NUMBER, Labels.DOCUMENT_NUMBER]

/** Revokes everything attested of one email, phone number or document, for all keys. */
export function RevokeMatching({ changed }: { changed: () => Promise<void> }): JSX.Element {
  const [done, setDone] = useState('')
  const revoke = useAction(async (value: string) => {
    if (value === '') return
    const counts = []
    for (const label of LABELS) counts.push((await api.revokeMatching(label, value)).count)
    const count = counts.reduce((sum, one) => sum + one)
    setDone(count === 1 ? '1 attestation revoked.' : `${count} attestations revoked.`)
    await changed()
  })
  return (
    <form
      class="card pad stack tight"
      noValidate
      onSubmit={withFields(({ naming = '' }) => revoke.run(naming))}
    >
      <Field
        id="naming"
        name="naming"
        label="Revoke by email, phone number or document number"
        hint="Revokes every attestation of this value. The server stores only a keyed hash of it."
        autocomplete="off"
      />
      <Failure text={revoke.failure} />
      <p role="status" class="small soft">
        {done}
      </p>
      <div>
        <Button kind="danger" type="submit" busy={revoke.isRunning}>
          Revoke all
        </Button>
      </div>
    </form>
  )
}
