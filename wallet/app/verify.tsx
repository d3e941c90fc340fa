import type { JSX } from 'preact'
import { useState } from 'preact/hooks'
import type { AttestationSet } from '../lib/hosted/wallet-core.ts'
import { withFields } from 'civic-ui'
import { Button, Failure, Field } from 'civic-ui'
import { useAction } from 'civic-ui'
import { drawCard } from './card.ts'
import { sendCode, verifyAddress, verifyDocument, verifyEmail } from './issuing.ts'
import type { Holder } from './keep.ts'

/** The issuing step of one set. */
export function Verify({ set, holder }: { set: AttestationSet; holder: Holder }): JSX.Element {
  switch (set) {
    case 'attCivicBasic':
      return <VerifyEmail holder={holder} />
    case 'attCivicIdentity':
      return <VerifyDocument holder={holder} />
    case 'attCivicResidence':
      return <VerifyAddress holder={holder} />
  }
}

function VerifyEmail({ holder }: { holder: Holder }): JSX.Element {
  const [isSent, setSent] = useState(false)
  const send = useAction(async () => {
    await sendCode(holder)
    setSent(true)
  })
  const verify = useAction((code: string) => verifyEmail(holder, code))
  if (!isSent) {
    return (
      <div class="stack tight">
        <p class="small soft">We send a code to {holder.email}. It arrives in the test mailbox.</p>
        <Failure text={send.failure} />
        <Button kind="primary" busy={send.isRunning} onClick={() => send.run()}>
          Send the code
        </Button>
      </div>
    )
  }
  return (
    <form class="stack tight" noValidate onSubmit={withFields(({ code = '' }) => verify.run(code))}>
      <p class="small soft">
        The code is on its way to {holder.email}.{' '}
        <a href="/sandbox#mail" target="_blank" rel="noopener">
          Open the test mailbox
        </a>
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
      <Button kind="primary" type="submit" busy={verify.isRunning}>
        Verify email
      </Button>
      <Button kind="quiet" busy={send.isRunning} onClick={() => send.run()}>
        Send a new code
      </Button>
    </form>
  )
}

function VerifyDocument({ holder }: { holder: Holder }): JSX.Element {
  const verify = useAction(() => verifyDocument(holder))
  return (
    <div class="stack tight">
      <p class="small soft">The wallet takes a picture of this card, and the attester checks it.</p>
      <img
        class="id-card"
        src={drawCard(holder.values)}
        alt={`Identity card of ${holder.name}, a specimen`}
      />
      <Failure text={verify.failure} />
      <Button kind="primary" busy={verify.isRunning} onClick={() => verify.run()}>
        Take the picture and verify
      </Button>
    </div>
  )
}

function VerifyAddress({ holder }: { holder: Holder }): JSX.Element {
  const verify = useAction(() => verifyAddress(holder))
  return (
    <div class="stack tight">
      <p class="small soft">The card’s issuer confirms the address.</p>
      <Failure text={verify.failure} />
      <Button kind="primary" busy={verify.isRunning} onClick={() => verify.run()}>
        Verify address
      </Button>
    </div>
  )
}
