import type { JSX } from 'preact'
import { withFields, Button, Failure, Field, useAction } from 'civic-ui'
import { playTestUser } from './store.ts'
import { makeTestUser } from './test-users.ts'

/** Adds a test user. The sandbox fills in empty fields, a document and an address. */
export function NewTestUser({ done }: { done: () => void }): JSX.Element {
  const make = useAction(async (fields: Readonly<Record<string, string>>) => {
    const given = Object.entries(fields).filter(([, value]) => value !== '')
    await playTestUser(await makeTestUser(Object.fromEntries(given)))
    done()
  })
  return (
    <form class="stack narrow" onSubmit={withFields(make.run)}>
      <h1 tabIndex={-1}>Add a test user</h1>
      <p class="soft">
        Do not use real data. The sandbox fills in empty fields, an identity document and an address.
      </p>
      <Field id="name" name="name" label="Name" required maxLength={60} autocomplete="off" />
      <Field
        id="email"
        name="email"
        label="Email"
        type="email"
        autocomplete="off"
        hint="Its mail arrives in the test mailbox."
      />
      <Field id="phone" name="phoneNumber" label="Phone" type="tel" autocomplete="off" />
      <Field id="birth" name="dateOfBirth" label="Date of birth" type="date" />
      <Failure text={make.failure} />
      <Button kind="primary" type="submit" busy={make.isRunning}>
        Add test user
      </Button>
      <Button kind="quiet" onClick={done}>
        Cancel
      </Button>
    </form>
  )
}
