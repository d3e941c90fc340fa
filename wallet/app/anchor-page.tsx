import type { JSX } from 'preact'
import { useEffect, useState } from 'preact/hooks'
import type { AttestationSet } from 'passport-civic-sip/user-data'
import { dateTime, setName, Failure, useAction } from 'civic-ui'
import { anchorFacts, anchorPlace } from './attesting.ts'
import type { AnchorFacts } from './attesting.ts'
import type { Identity } from './identity.ts'

/** Where a set is anchored, and its current state on the ledger. */
export function AnchorPage({ set, identity }: { set: AttestationSet; identity: Identity }): JSX.Element {
  const place = anchorPlace(identity, set)
  const [facts, setFacts] = useState<AnchorFacts>()
  const look = useAction(async () => {
    if (place) setFacts(await anchorFacts(place))
  })
  useEffect(() => look.run(), [place?.txid])
  return (
    <section class="stack narrow">
      <h1 tabIndex={-1}>Where this is anchored: {setName(set)}</h1>
      <p class="soft">
        The blockchain holds a fingerprint of your details, not the details. It shows sites that the attester
        has verified them, and has not revoked that.
      </p>
      {place ? (
        <dl class="values card pad">
          <Fact name="Transaction" text={place.txid} isMono />
          <Fact name="Output" text={String(place.vout)} />
          {facts && <Ledger facts={facts} />}
        </dl>
      ) : (
        <p class="note">This wallet has no such detail.</p>
      )}
      <Failure text={look.failure} />
      <a class="button plain" href="#">
        Back to the wallet
      </a>
    </section>
  )
}

function Ledger({ facts }: { facts: AnchorFacts }): JSX.Element {
  const { block, at, confirmations, isSpent } = facts
  return (
    <>
      <Fact name="Block" text={block === undefined ? 'Waiting for a block' : String(block)} />
      {at !== undefined && <Fact name="Since" text={dateTime(at)} />}
      <Fact name="Confirmations" text={String(confirmations)} />
      <Fact name="State" text={isSpent ? 'Revoked' : 'Not revoked'} />
    </>
  )
}

function Fact({ name, text, isMono = false }: { name: string; text: string; isMono?: boolean }): JSX.Element {
  return (
    <div>
      <dt>{name}</dt>
      <dd {...(isMono && { class: 'mono' })}>{text}</dd>
    </div>
  )
}
