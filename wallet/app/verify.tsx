import type { ComponentChildren, JSX } from 'preact'
import { useEffect, useState } from 'preact/hooks'
import { attestationSet } from 'passport-civic-sip/user-data'
import type { AttestationSet } from 'passport-civic-sip/user-data'
import { labelName, setName, Button, Failure, useAction } from 'civic-ui'
import { checksOf, verifyAddress, verifyDocument } from './attesting.ts'
import type { Checks } from './attesting.ts'
import { drawCard } from './card.ts'
import type { Identity } from './identity.ts'
import { OwnPicture } from './own-picture.tsx'
import { isUntyped, OwnValues } from './own-values.tsx'
import { Slow } from './slow.tsx'
import { VerifyContact } from './verify-contact.tsx'

interface Props {
  readonly identity: Identity
  /** Called when the attester has the claims. */
  readonly done?: (() => void) | undefined
}

interface SetProps extends Props {
  readonly set: AttestationSet
  /** The labels that a request needs. Default: none. */
  readonly needed?: readonly string[]
}

/** The step that has one set attested, as far as the attester attests it. */
export function Verify(props: SetProps): JSX.Element {
  const { identity } = props
  const [checks, setChecks] = useState<Checks>()
  const ask = useAction(async () => setChecks(await checksOf(identity)))
  useEffect(() => ask.run(), [])
  if (checks) return <VerifyBy checks={checks} {...props} />
  return (
    <div class="stack tight">
      <Failure text={ask.failure} />
      {ask.failure !== '' && (
        <Button kind="primary" busy={ask.isRunning} onClick={() => ask.run()}>
          Try again
        </Button>
      )}
    </div>
  )
}

function VerifyBy({ set, needed = [], checks, identity, done }: SetProps & { checks: Checks }): JSX.Element {
  const [isChanging, setChanging] = useState(false)
  const attested = Object.keys(checks).filter((label) => attestationSet(label) === set)
  const absent = needed.filter((label) => !attested.includes(label))
  if (attested.length === 0) return <NotAttested what={setName(set)} />
  if (absent.length > 0) return <NotAttested what={absent.map(labelName).join(', ')} />
  if (identity.kind === 'test') return <Step {...{ set, checks, identity, done }} />
  if (isChanging || isUntyped(identity, set, attested)) {
    return <OwnValues set={set} identity={identity} only={attested} saved={() => setChanging(false)} />
  }
  return (
    <div class="stack tight">
      <Step {...{ set, checks, identity, done }} />
      <Button kind="quiet" onClick={() => setChanging(true)}>
        Change what you typed
      </Button>
    </div>
  )
}

/** Nothing that a person does here gets it verified. */
function NotAttested({ what }: { what: string }): JSX.Element {
  return <p class="note wait">The attester of this wallet does not verify this: {what}.</p>
}

function Step({ set, checks, identity, done }: SetProps & { checks: Checks }): JSX.Element {
  switch (set) {
    case 'attCivicBasic':
      return <VerifyContact checks={checks} identity={identity} done={done} />
    case 'attCivicIdentity':
      return identity.kind === 'own' ? (
        <OwnPicture
          label="A photo of the document’s front"
          send={(picture) => verifyDocument(identity, picture)}
          done={done}
        />
      ) : (
        <VerifyDocument identity={identity} done={done} />
      )
    case 'attCivicResidence':
      return Object.keys(checks).some(
        (label) => attestationSet(label) === set && checks[label] === 'review',
      ) ? (
        <OwnPicture
          label="A photo of a letter or bill with your name and this address"
          send={(picture) => verifyAddress(identity, picture)}
          done={done}
        />
      ) : (
        <VerifyAddress identity={identity} done={done} />
      )
  }
}

function VerifyDocument({ identity, done }: Props): JSX.Element {
  return (
    <VerifyNow
      act={() => verifyDocument(identity)}
      text="The wallet takes a picture of this card, and the attester checks it."
      button="Take the picture and verify"
      done={done}
    >
      <img
        class="id-card"
        src={drawCard(identity.values)}
        alt={`Identity card of ${identity.name}, a specimen`}
      />
    </VerifyNow>
  )
}

function VerifyAddress({ identity, done }: Props): JSX.Element {
  return (
    <VerifyNow
      act={() => verifyAddress(identity)}
      text="The attester confirms the address."
      button="Verify address"
      done={done}
    />
  )
}

/** What one button has verified. */
function VerifyNow({
  act,
  text,
  button,
  done,
  children,
}: {
  act: () => Promise<unknown>
  text: string
  button: string
  done: (() => void) | undefined
  children?: ComponentChildren
}): JSX.Element {
  const verify = useAction(async () => {
    await act()
    done?.()
  })
  return (
    <div class="stack tight">
      <p class="soft">{text}</p>
      {children}
      <Failure text={verify.failure} />
      <Slow isRunning={verify.isRunning} />
      <Button kind="primary" busy={verify.isRunning} onClick={() => verify.run()}>
        {button}
      </Button>
    </div>
  )
}
