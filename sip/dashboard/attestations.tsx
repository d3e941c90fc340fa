import type { JSX } from 'preact'
import { useCallback, useEffect, useState } from 'preact/hooks'
import {
  Badge,
  Button,
  Confirm,
  dateTime,
  Failure,
  focusHeading,
  labelName,
  Missing,
  setName,
  useAction,
  useFresh,
  useScreen,
} from 'civic-ui'
import { api, OF } from './api.ts'
import type { Issued, Settings } from './api.ts'
import { RevokeMatching } from './revoke-matching.tsx'

const PERIOD_MS = 2000

/** The issued attestations, each with a button to revoke it. */
export function Attestations({ ledger }: { ledger: Settings['ledger'] }): JSX.Element {
  useScreen('Attestations', OF)
  const [issued, setIssued] = useState<readonly Issued[]>()
  const load = useCallback(async () => setIssued(await api.attestations()), [])
  const failure = useFresh(PERIOD_MS, load)
  return (
    <>
      <h1 tabIndex={-1}>Attestations</h1>
      <p class="soft">
        Each is an unspent output on {ledger.isEmbedded ? 'this server’s own blockchain' : 'the blockchain'} (
        {ledger.network}). Revoking spends that output: then <code>isValid</code> is false for its labels.
      </p>
      <Failure text={failure} />
      {issued?.length === 0 && (
        <p class="card pad soft">No attestations yet. A wallet gets them when a person verifies details.</p>
      )}
      {issued && issued.length > 0 && (
        <>
          <ul class="stack plain-list">
            {issued.map((entry) => (
              <li key={placeOf(entry)} class="card pad">
                <Entry entry={entry} changed={load} />
              </li>
            ))}
          </ul>
          <RevokeMatching changed={load} />
        </>
      )}
    </>
  )
}

/** One attestation, by `txid:vout`. */
export function OneAttestation({ place }: { place: string }): JSX.Element | null {
  const [issued, setIssued] = useState<readonly Issued[]>()
  const load = useAction(async () => setIssued(await api.attestations()))
  useEffect(() => load.run(), [place])
  const entry = issued?.find((other) => placeOf(other) === place)
  if (entry) {
    return <OneScreen entry={entry} changed={async () => setIssued(await api.attestations())} />
  }
  if (!issued) return load.failure === '' ? null : <Failure text={load.failure} />
  return (
    <Missing what="There is no such attestation" of={OF}>
      <p class="soft">No attestation is anchored there, or the server deleted the record of a revoked one.</p>
      <p>
        <a href="#attestations">All attestations</a>
      </p>
    </Missing>
  )
}

function OneScreen({ entry, changed }: { entry: Issued; changed: () => Promise<void> }): JSX.Element {
  useScreen(nameOf(entry), OF)
  return (
    <>
      <p>
        <a href="#attestations">All attestations</a>
      </p>
      <h1 tabIndex={-1}>Attestation</h1>
      <div class="card pad">
        <Entry entry={entry} changed={changed} />
      </div>
    </>
  )
}

function Entry({ entry, changed }: { entry: Issued; changed: () => Promise<void> }): JSX.Element {
  const [isAsking, ask] = useState(false)
  const { txid, vout, set, labels, xpub, publicKey, person, issuedAt, revoked } = entry
  return (
    <article class="stack tight">
      <div class="row wrap">
        <h2 class="grow" tabIndex={-1} id={`a-${txid}-${vout}`}>
          {setName(set)} <span class="soft">of {ownerOf(entry)}</span>
        </h2>
        <Badge tone={revoked ? 'bad' : 'good'}>{revoked ? 'revoked' : 'valid'}</Badge>
        {!revoked && (
          <Button
            kind="danger"
            aria-label={`Revoke ${nameOf(entry)}, issued ${dateTime(issuedAt)}`}
            onClick={() => ask(true)}
          >
            Revoke
          </Button>
        )}
      </div>
      <p>{labels.map(labelName).join(', ')}</p>
      <dl class="facts aside small">
        <div>
          <dt>Issued</dt>
          <dd>
            <a href={`#attestation/${placeOf(entry)}`}>{dateTime(issuedAt)}</a>
          </dd>
        </div>
        <div>
          <dt>Transaction</dt>
          <dd>
            <a class="mono" href={`#transaction/${txid}`}>
              {txid}
            </a>
            , output {vout}
          </dd>
        </div>
        <div>
          <dt>{person === undefined ? 'Key' : `Key of ${person}`}</dt>
          <dd>
            <code>{publicKey}</code>
          </dd>
        </div>
        <div>
          <dt>xpub</dt>
          <dd>
            <code>{xpub}</code>
          </dd>
        </div>
      </dl>
      {isAsking && (
        <Confirm
          title={`Revoke ${nameOf(entry)}?`}
          text={`This revokes ${labels.map(labelName).join(', ')}, and all other attestations of the same email or document. Sites see them as no longer valid. This cannot be undone.`}
          yes="Revoke attestation"
          act={async () => {
            await api.revoke(entry)
            await changed()
            requestAnimationFrame(() => focusHeading(`[id="a-${txid}-${vout}"]`))
          }}
          close={() => ask(false)}
        />
      )}
    </article>
  )
}

function placeOf({ txid, vout }: Issued): string {
  return `${txid}:${vout}`
}

/** The owner: the person if the server knows, otherwise the key. */
function ownerOf({ person, publicKey }: Issued): string {
  return person ?? `key ${publicKey.slice(0, 8)}…`
}

function nameOf(entry: Issued): string {
  return `${setName(entry.set)} of ${ownerOf(entry)}`
}
