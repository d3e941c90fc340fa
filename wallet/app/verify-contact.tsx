import type { JSX } from 'preact'
import { useState } from 'preact/hooks'
import { Labels } from 'passport-civic-sip/user-data'
import { withFields, Button, Failure, Field, useAction } from 'civic-ui'
import { sendCode, verifyContact } from './attesting.ts'
import type { Checks } from './attesting.ts'
import { claimsOf } from './identity.ts'
import type { Identity } from './identity.ts'
import { Slow } from './slow.tsx'
import { useStore } from './store.ts'

/** The label of each code's field. */
const CODES = [
  { label: Labels.EMAIL, name: 'code', title: 'Code from the email' },
  { label: Labels.PHONE_NUMBER, name: 'phoneCode', title: 'Code from the text message' },
]

/** The step that has email and phone number attested, if the attester attests them. */
export function VerifyContact({
  checks,
  identity,
  done,
}: {
  checks: Checks
  identity: Identity
  /** Called when the attester has the claims. */
  done?: (() => void) | undefined
}): JSX.Element {
  const [isSent, setSent] = useState(false)
  const claims = Object.fromEntries(
    Object.entries(claimsOf(identity, 'attCivicBasic')).filter(([label]) => checks[label] !== undefined),
  )
  const asked = CODES.filter(({ label }) => label in claims && checks[label] === 'code')
  const send = useAction(async () => {
    await sendCode(identity, claims)
    setSent(true)
  })
  const verify = useAction(async (fields: Readonly<Record<string, string>>) => {
    const codes = asked.map(({ label, name }) => [label, fields[name] ?? ''] as const)
    await verifyContact(identity, claims, Object.fromEntries(codes))
    done?.()
  })
  const isTest = identity.kind === 'test'
  const places = asked.map(({ label }, at) => (
    <span key={label}>
      {at > 0 && ' and to '}
      <strong>{claims[label]}</strong>
    </span>
  ))
  if (!isSent) {
    return (
      <div class="stack tight">
        <p class="soft">
          We send a code to {places}.{isTest && ' It arrives in the test mailbox.'}
        </p>
        <Failure text={send.failure} />
        <Button kind="primary" busy={send.isRunning} onClick={() => send.run()}>
          Send the code
        </Button>
      </div>
    )
  }
  return (
    <form class="stack tight" noValidate onSubmit={withFields(verify.run)}>
      <p class="soft">
        The code is on its way to {places}.{isTest && ' It arrives in the test mailbox.'}{' '}
        {isTest && <MailboxLink />}
      </p>
      {asked.map(({ label, name, title }) => (
        <Field
          key={label}
          id={name}
          name={name}
          label={title}
          inputMode={isTest ? 'numeric' : 'text'}
          autocomplete="one-time-code"
          maxLength={20}
        />
      ))}
      <Failure text={verify.failure} />
      <Slow isRunning={verify.isRunning} />
      <Button kind="primary" type="submit" busy={verify.isRunning}>
        Verify email
      </Button>
      <Button kind="quiet" busy={send.isRunning} onClick={() => send.run()}>
        Send a new code
      </Button>
    </form>
  )
}

/** A link to the sandbox's test mailbox, for test users. */
function MailboxLink(): JSX.Element {
  const { attester } = useStore().config
  return (
    <a href={new URL('/sandbox#mail', attester).href} target="_blank" rel="noopener">
      Open the test mailbox
    </a>
  )
}
