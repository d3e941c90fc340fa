import type { JSX } from 'preact'
import { withFields, Button, Failure, Field, useAction } from 'civic-ui'

/** Asks for the passphrase before an action that an open wallet alone does not allow. */
export function PassphraseForm({
  id,
  label = 'Passphrase',
  button,
  act,
}: {
  id: string
  label?: string
  button: string
  /** If it rejects, the message is shown. */
  act: (passphrase: string) => Promise<void> | void
}): JSX.Element {
  const run = useAction(act)
  return (
    <form class="stack tight" noValidate onSubmit={withFields(({ passphrase = '' }) => run.run(passphrase))}>
      <Field id={id} name="passphrase" type="password" label={label} autocomplete="current-password" />
      <Failure text={run.failure} />
      <Button type="submit" busy={run.isRunning}>
        {button}
      </Button>
    </form>
  )
}
