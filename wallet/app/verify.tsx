import type { JSX } from 'preact'
import { useEffect, useState } from 'preact/hooks'
import type { AttestationSet } from 'passport-civic-sip/user-data'
import { withFields, Button, Failure, Field, useAction } from 'civic-ui'
import { drawCard } from './card.ts'
import { sendCode, verifyAddress, verifyDocument, verifyEmail } from './attesting.ts'
import { claimsOf, emailOf } from './identity.ts'
import type { Identity } from './identity.ts'
import { OwnPicture } from './own-picture.tsx'
import { OwnValues } from './own-values.tsx'
import { useStore } from './store.ts'

interface Props {
  readonly identity: Identity
  /** Called once the attester has it. */
  readonly done?: (() => void) | undefined
}

/** The step that has one set attested. */
export function Verify({ set, identity, done }: Props & { set: AttestationSet }): JSX.Element {
  const isEmpty = Object.keys(claimsOf(identity, set)).length === 0
  if (identity.kind === 'own' && isEmpty) return <OwnValues set={set} identity={identity} />
  switch (set) {
    case 'attCivicBasic':
      return <VerifyEmail identity={identity} done={done} />
    case 'attCivicIdentity':
      return identity.kind === 'own' ? (
        <OwnPicture identity={identity} done={done} />
      ) : (
        <VerifyDocument identity={identity} done={done} />
      )
    case 'attCivicResidence':
      return <VerifyAddress identity={identity} done={done} />
  }
}

function VerifyEmail({ identity, done }: Props): JSX.Element {
  const [isSent, setSent] = useState(false)
  const send = useAction(async () => {
    await sendCode(identity)
    setSent(true)
  })
  const verify = useAction(async (code: string) => {
    await verifyEmail(identity, code)
    done?.()
  })
  const email = emailOf(identity)
  const mailbox = identity.kind === 'test' ? ' It arrives in the test mailbox.' : ''
  if (!isSent) {
    return (
      <div class="stack tight">
        <p class="soft">
          We send a code to <strong>{email}</strong>.{mailbox}
        </p>
        <Failure text={send.failure} />
        <Button kind="primary" busy={send.isRunning} onClick={() => send.run()}>
          Send the code
        </Button>
      </div>
    )
  }
  return (
    <form class="stack tight" noValidate onSubmit={withFields(({ code = '' }) => verify.run(code))}>
      <p class="soft">
        The code is on its way to <strong>{email}</strong>.{mailbox}{' '}
        {identity.kind === 'test' && <MailboxLink />}
      </p>
      <Field
        id="code"
        name="code"
        label="Code from the email"
        inputMode="numeric"
        autocomplete="one-time-code"
        maxLength={6}
      />
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

function VerifyDocument({ identity, done }: Props): JSX.Element {
  const verify = useAction(async () => {
    await verifyDocument(identity)
    done?.()
  })
  return (
    <div class="stack tight">
      <p class="soft">The wallet takes a picture of this card, and the attester checks it.</p>
      <img
        class="id-card"
        src={drawCard(identity.values)}
        alt={`Identity card of ${identity.name}, a specimen`}
      />
      <Failure text={verify.failure} />
      <Slow isRunning={verify.isRunning} />
      <Button kind="primary" busy={verify.isRunning} onClick={() => verify.run()}>
        Take the picture and verify
      </Button>
    </div>
  )
}

function VerifyAddress({ identity, done }: Props): JSX.Element {
  const verify = useAction(async () => {
    await verifyAddress(identity)
    done?.()
  })
  return (
    <div class="stack tight">
      <p class="soft">The attester confirms the address.</p>
      <Failure text={verify.failure} />
      <Slow isRunning={verify.isRunning} />
      <Button kind="primary" busy={verify.isRunning} onClick={() => verify.run()}>
        Verify address
      </Button>
    </div>
  )
}

/** The sandbox whose attester this is shows the mail to its test users. */
function MailboxLink(): JSX.Element {
  const { attester } = useStore().config
  return (
    <a href={new URL('/sandbox#mail', attester).href} target="_blank" rel="noopener">
      Open the test mailbox
    </a>
  )
}

const SLOW_MS = 1500

/** What takes longer than a moment is waited for with a reason. */
function Slow({ isRunning }: { isRunning: boolean }): JSX.Element {
  const [isSlow, setSlow] = useState(false)
  useEffect(() => {
    setSlow(false)
    if (!isRunning) return
    const timer = setTimeout(() => setSlow(true), SLOW_MS)
    return () => clearTimeout(timer)
  }, [isRunning])
  return (
    <p role="status" class="small soft">
      {isSlow && 'The attester writes this to the blockchain. That can take a moment.'}
    </p>
  )
}
