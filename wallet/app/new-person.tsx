import type { JSX } from 'preact'
import { withFields } from 'civic-ui'
import { Button, Failure, Field } from 'civic-ui'
import { useAction } from 'civic-ui'
import { use } from './keep.ts'
import { makeUp } from './made-up.ts'

/** Makes up a person. What is left empty the sandbox fills in, document and address as well. */
export function NewPerson({ done }: { done: () => void }): JSX.Element {
  const make = useAction(async (fields: Readonly<Record<string, string>>) => {
    const given = Object.entries(fields).filter(([, value]) => value !== '')
    use(await makeUp(Object.fromEntries(given)))
    done()
  })
  return (
    <form class="stack" onSubmit={withFields(make.run)}>
      <h1>Make a new person</h1>
      <p class="soft">
        Nobody real. What you leave empty is made up, an identity document and an address too.
      </p>
      <Field id="name" name="name" label="Name" required maxLength={60} autocomplete="off" />
      <Field
        id="email"
        name="email"
        label="E-mail"
        type="email"
        autocomplete="off"
        hint="Mail to it arrives in the dashboard’s mailbox."
      />
      <Field id="phone" name="phoneNumber" label="Phone" type="tel" autocomplete="off" />
      <Field id="birth" name="dateOfBirth" label="Date of birth" type="date" />
      <Failure text={make.failure} />
      <Button kind="primary" type="submit" busy={make.isRunning}>
        Make the person
      </Button>
      <Button kind="quiet" onClick={done}>
        Cancel
      </Button>
    </form>
  )
}
