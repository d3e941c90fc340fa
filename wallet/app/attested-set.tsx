import type { JSX } from 'preact'
import { useState } from 'preact/hooks'
import type { AttestationSet } from 'passport-civic-sip/user-data'
import { setName, Badge, Button } from 'civic-ui'
import type { Tone } from 'civic-ui'
import { claimsOf, heldOf } from './identity.ts'
import type { Identity } from './identity.ts'
import { RemoveSet } from './remove-set.tsx'
import { stateOf } from './set-state.ts'
import type { SetState } from './set-state.ts'
import { Values } from './values.tsx'
import { Verify } from './verify.tsx'

const BADGES: Readonly<Record<SetState, readonly [text: string, tone: Tone]>> = {
  review: ['In review', 'wait'],
  anchoring: ['Waiting for a block', 'wait'],
  revoked: ['Revoked', 'bad'],
  expired: ['Expired', 'bad'],
  verified: ['Verified', 'good'],
  open: ['Not verified', 'plain'],
}

const EXPLANATIONS: Readonly<Partial<Record<SetState, string>>> = {
  review: 'A reviewer at the attester is checking your document.',
  anchoring: 'The attester has written this to the blockchain. It counts once a block holds it.',
  expired: 'The document has expired. Verify the new one.',
}

/** One set of labels: its values, their state, and a link to the anchor. */
export function AttestedSet({ set, identity }: { set: AttestationSet; identity: Identity }): JSX.Element {
  const [isVerifying, setVerifying] = useState(false)
  const held = heldOf(identity, set).map(({ label }) => label)
  const labels = held.length > 0 ? held : Object.keys(claimsOf(identity, set))
  const state = stateOf(identity, set)
  const canVerify = state === 'open' || state === 'revoked' || state === 'expired'
  const refusal = identity.kept.refused?.[set]
  return (
    <section class="card pad stack tight" aria-labelledby={set}>
      <div class="row">
        <h3 id={set} class="grow">
          {setName(set)}
        </h3>
        <SetBadge set={set} identity={identity} />
      </div>
      {labels.length > 0 && <Values labels={labels} identity={identity} />}
      {held.length > 0 && (
        <a class="small" href={`#anchor-${set}`} aria-label={`Where this is anchored: ${setName(set)}`}>
          Where this is anchored
        </a>
      )}
      {EXPLANATIONS[state] !== undefined && <p class="small soft">{EXPLANATIONS[state]}</p>}
      {refusal !== undefined && canVerify && <p class="note wait">The attester refused this: {refusal}</p>}
      {canVerify && !isVerifying && (
        <Button aria-label={`Verify: ${setName(set)}`} onClick={() => setVerifying(true)}>
          {state === 'open' ? 'Verify' : 'Verify again'}
        </Button>
      )}
      {canVerify && isVerifying && (
        <>
          <Verify set={set} identity={identity} />
          <Button kind="quiet" aria-label={`Cancel: ${setName(set)}`} onClick={() => setVerifying(false)}>
            Cancel
          </Button>
        </>
      )}
      {identity.kind === 'own' && (
        <RemoveSet
          set={set}
          identity={identity}
          isThere={labels.length > 0}
          isBusy={canVerify && isVerifying}
        />
      )}
    </section>
  )
}

/** The state of a set, in a word. */
export function SetBadge({ set, identity }: { set: AttestationSet; identity: Identity }): JSX.Element {
  const [text, tone] = BADGES[stateOf(identity, set)]
  return <Badge tone={tone}>{text}</Badge>
}
