import type { JSX } from 'preact'
import { useState } from 'preact/hooks'
import type { AttestationSet } from '../lib/hosted/wallet-core.ts'
import { setName } from 'civic-ui'
import { Button } from 'civic-ui'
import { anchorPlace, claimsOf } from './issuing.ts'
import type { Held, Holder } from './keep.ts'
import { Status, Values } from './values.tsx'
import { Verify } from './verify.tsx'

/** One set of labels: its values, whether they are attested, and the transaction that shows it. */
export function AttestedSet({ set, holder }: { set: AttestationSet; holder: Holder }): JSX.Element {
  const [isVerifying, setVerifying] = useState(false)
  const held = holder.held[set]
  const labels = held?.attestations.map(({ label }) => label) ?? Object.keys(claimsOf(holder, set))
  const canVerify = held === undefined || held.status === 'revoked'
  return (
    <section class="card pad stack tight" aria-labelledby={set}>
      <div class="row">
        <h3 id={set} class="grow">
          {setName(set)}
        </h3>
        <Status held={held} />
      </div>
      <Values labels={labels} holder={holder} />
      {held && <Anchor held={held} />}
      {canVerify && !isVerifying && (
        <Button onClick={() => setVerifying(true)}>{held ? 'Verify again' : 'Verify'}</Button>
      )}
      {canVerify && isVerifying && <Verify set={set} holder={holder} />}
    </section>
  )
}

function Anchor({ held }: { held: Held }): JSX.Element {
  const place = anchorPlace(held)
  if (!place) return <p class="small soft">Not on the blockchain yet. {held.failure}</p>
  return (
    <p class="small soft">
      {held.status === 'temporary' ? 'Waiting for a block: transaction ' : 'Transaction '}
      <a class="mono" href={`/ledger/tx/${place.txid}`}>
        {place.txid}
      </a>
      , output {place.vout}
    </p>
  )
}
