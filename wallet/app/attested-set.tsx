import type { JSX } from 'preact'
import { useState } from 'preact/hooks'
import type { AttestationSet } from 'passport-civic-sip/user-data'
import { setName, Badge, Button } from 'civic-ui'
import type { Tone } from 'civic-ui'
import { anchorPlace } from './attesting.ts'
import { claimsOf, heldOf, isPending, isRevoked } from './identity.ts'
import type { Identity } from './identity.ts'
import { useStore } from './store.ts'
import { Values } from './values.tsx'
import { Verify } from './verify.tsx'

/** One set of labels: its values, whether they are verified, and where that is anchored. */
export function AttestedSet({ set, identity }: { set: AttestationSet; identity: Identity }): JSX.Element {
  const [isVerifying, setVerifying] = useState(false)
  const held = heldOf(identity, set).map(({ label }) => label)
  const labels = held.length > 0 ? held : Object.keys(claimsOf(identity, set))
  const { text, tone } = statusOf(identity, set)
  const canVerify = text === 'Not verified' || text === 'Revoked'
  return (
    <section class="card pad stack tight" aria-labelledby={set}>
      <div class="row">
        <h3 id={set} class="grow">
          {setName(set)}
        </h3>
        <Badge tone={tone}>{text}</Badge>
      </div>
      {labels.length > 0 && <Values labels={labels} identity={identity} />}
      {held.length > 0 && <Anchor set={set} identity={identity} />}
      {text === 'Waiting for a block' && (
        <p class="small soft">
          The attester has written this to the blockchain. It counts once a block holds it.
        </p>
      )}
      {canVerify && !isVerifying && (
        <Button aria-label={`Verify: ${setName(set)}`} onClick={() => setVerifying(true)}>
          {text === 'Revoked' ? 'Verify again' : 'Verify'}
        </Button>
      )}
      {canVerify && isVerifying && <Verify set={set} identity={identity} />}
    </section>
  )
}

function statusOf(identity: Identity, set: AttestationSet): { text: string; tone: Tone } {
  if (isPending(identity, set)) return { text: 'Waiting for a block', tone: 'wait' }
  if (isRevoked(identity, set)) return { text: 'Revoked', tone: 'bad' }
  return heldOf(identity, set).length > 0
    ? { text: 'Verified', tone: 'good' }
    : { text: 'Not verified', tone: 'plain' }
}

function Anchor({ set, identity }: { set: AttestationSet; identity: Identity }): JSX.Element | null {
  const { ledger } = useStore().config
  const place = anchorPlace(identity, set)
  if (!place) return null
  return (
    <details class="small soft">
      <summary>Where this is anchored</summary>
      <p>
        Transaction{' '}
        <a class="mono" href={`${ledger}/tx/${place.txid}`} target="_blank" rel="noopener noreferrer">
          {place.txid}
        </a>
        , output {place.vout}
      </p>
    </details>
  )
}
