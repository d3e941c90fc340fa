import type { JSX } from 'preact'
import { useEffect, useState } from 'preact/hooks'
import { Button, errorOf, Failure, Field, problemOf, useAction, withFields } from 'civic-ui'
import { api } from './api.ts'

type Fields = Readonly<Record<string, string>>

/** The form for the address that an owner gets the server's email at. */
export function Email(): JSX.Element | null {
  const [email, setEmail] = useState<{ address?: string }>()
  const load = useAction(async () => setEmail((await api.me()).email))
  useEffect(() => load.run(), [])
  const remove = useAction(async () => {
    await api.removeEmail()
    setEmail({})
  })
  // The server sends no email
  if (!email) return load.failure === '' ? null : <Failure text={load.failure} />
  const { address } = email
  return (
    <section class="card pad stack" aria-labelledby="email-title">
      <h2 id="email-title">Your email</h2>
      <p class="soft small">
        The server emails owners before its key changes, and when something happens to their apps.
      </p>
      {address === undefined ? (
        <NewAddress confirmed={(confirmed) => setEmail({ address: confirmed })} />
      ) : (
        <p class="row wrap">
          <span class="grow">{address}</span>
          <Button kind="danger" busy={remove.isRunning} onClick={() => remove.run()}>
            Remove email
          </Button>
        </p>
      )}
      <Failure text={remove.failure} />
    </section>
  )
}

/** Asks for an address, then for the code that was sent there. */
function NewAddress({ confirmed }: { confirmed: (address: string) => void }): JSX.Element {
  const [asked, setAsked] = useState<string>()
  const ask = useAction(async ({ address = '' }: Fields) => {
    await api.askEmail(address)
    setAsked(address)
  })
  const confirm = useAction(async ({ code = '' }: Fields) => {
    await api.confirmEmail(asked ?? '', code)
    confirmed(asked ?? '')
  })
  const problem = problemOf(asked === undefined ? ask.failure : confirm.failure, ['address', 'code'])
  const isBusy = ask.isRunning || confirm.isRunning
  return (
    <form class="stack tight" noValidate onSubmit={withFields(asked === undefined ? ask.run : confirm.run)}>
      {asked === undefined ? (
        <Field
          id="address"
          name="address"
          type="email"
          label="Email address"
          autocomplete="email"
          {...errorOf(problem, 'address')}
        />
      ) : (
        <Field
          id="code"
          name="code"
          label="Code"
          autocomplete="one-time-code"
          hint={`Sent to ${asked}. It works for ten minutes.`}
          {...errorOf(problem, 'code')}
        />
      )}
      <Failure text={problem.field === undefined ? problem.text : ''} />
      <p class="row wrap">
        <Button type="submit" busy={isBusy}>
          {asked === undefined ? 'Send a code' : 'Confirm'}
        </Button>
        {asked !== undefined && (
          <Button type="button" onClick={() => setAsked(undefined)}>
            Use another address
          </Button>
        )}
      </p>
    </form>
  )
}
