import type { JSX } from 'preact'
import type { AttestationSet } from 'passport-civic-sip/user-data'
import { Button, Failure, useAction } from 'civic-ui'
import { drawCard } from './card.ts'
import { verifyAddress, verifyDocument } from './attesting.ts'
import { hasNoValues } from './identity.ts'
import type { Identity } from './identity.ts'
import { OwnPicture } from './own-picture.tsx'
import { OwnValues } from './own-values.tsx'
import { Slow } from './slow.tsx'
import { VerifyContact } from './verify-contact.tsx'

interface Props {
  readonly identity: Identity
  /** Called once the attester has it. */
  readonly done?: (() => void) | undefined
}

/** The step that has one set attested. */
export function Verify({ set, identity, done }: Props & { set: AttestationSet }): JSX.Element {
  if (set !== 'attCivicBasic' && identity.kind === 'own' && hasNoValues(identity, set))
    return <OwnValues set={set} identity={identity} />
  switch (set) {
    case 'attCivicBasic':
      return <VerifyContact identity={identity} done={done} />
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
