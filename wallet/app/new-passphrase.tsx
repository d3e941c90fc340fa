import type { JSX } from 'preact'
import { withFields, Button, Failure, Field, useAction } from 'civic-ui'

const MIN_LENGTH = 10

/** Asks twice for a passphrase. */
export function NewPassphrase({
  button,
  chosen,
}: {
  button: string
  chosen: (passphrase: string) => Promise<void>
}): JSX.Element {
  const choose = useAction(async ({ first = '', again = '' }: Readonly<Record<string, string>>) => {
    if (first.length < MIN_LENGTH) {
      throw new Error(
        `Use at least ${MIN_LENGTH} characters: four words that do not belong together are good.`,
      )
    }
    if (first !== again) throw new Error('The two passphrases are different.')
    await chosen(first)
  })
  return (
    <form class="stack" noValidate onSubmit={withFields(choose.run)}>
      <input type="text" name="username" autocomplete="username" value="Civic wallet" hidden readOnly />
      <Field
        id="first"
        name="first"
        type="password"
        label="Passphrase"
        autocomplete="new-password"
        hint={`At least ${MIN_LENGTH} characters. Four words that do not belong together are good.`}
      />
      <Field id="again" name="again" type="password" label="Type it again" autocomplete="new-password" />
      <Failure text={choose.failure} />
      <Button kind="primary" type="submit" busy={choose.isRunning}>
        {button}
      </Button>
    </form>
  )
}
