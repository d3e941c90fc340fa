import type { JSX } from 'preact'
import { useCallback, useState } from 'preact/hooks'
import { labelName, setName } from 'civic-ui'
import { Badge, Button, Failure } from 'civic-ui'
import { dateTime } from 'civic-ui'
import { useEvery } from 'civic-ui'
import { api } from './api.ts'
import type { Issued, Settings } from './api.ts'
import { Confirm } from './confirm.tsx'
import { RevokeMatching } from './revoke-matching.tsx'

const PERIOD_MS = 2000

/** The issued attestations, each with a button to revoke it. */
export function Attestations({ ledger }: { ledger: Settings['ledger'] }): JSX.Element {
  const [issued, setIssued] = useState<readonly Issued[]>([])
  const [asked, ask] = useState<Issued>()
  const load = useCallback(async () => setIssued(await api.attestations()), [])
  const failure = useEvery(PERIOD_MS, load)
  return (
    <>
      <h1 tabIndex={-1}>Attestations</h1>
      <p class="soft">
        Each stands on the {ledger.isEmbedded ? 'sandbox’s own blockchain' : 'blockchain'} ({ledger.network})
        as an unspent output. Revoking spends that output: then <code>isValid</code> is false for its labels.
      </p>
      <Failure text={failure} />
      {issued.length === 0 ? (
        <p class="card pad soft">No attestations yet. A wallet gets them when a person verifies details.</p>
      ) : (
        <ul class="stack plain-list">
          {issued.map((entry) => (
            <li key={`${entry.txid}:${entry.vout}`} class="card pad stack tight">
              <OneIssued entry={entry} revoke={() => ask(entry)} />
            </li>
          ))}
        </ul>
      )}
      {issued.length > 0 && <RevokeMatching changed={load} />}
      {asked && (
        <Confirm
          title={`Revoke ${setName(asked.set)}?`}
          text={`This revokes ${asked.labels.map(labelName).join(', ')}, and all other attestations of the same email or document. Sites see them as no longer valid.`}
          yes="Revoke attestation"
          act={async () => {
            await api.revoke(asked)
            await load()
          }}
          close={() => ask(undefined)}
        />
      )}
    </>
  )
}

function OneIssued({ entry, revoke }: { entry: Issued; revoke: () => void }): JSX.Element {
  const { txid, vout, set, labels, xpub, issuedAt, revoked } = entry
  return (
    <>
      <div class="row wrap">
        <h2 class="grow">{setName(set)}</h2>
        <Badge tone={revoked ? 'bad' : 'good'}>{revoked ? 'revoked' : 'valid'}</Badge>
        {!revoked && (
          <Button
            kind="danger"
            aria-label={`Revoke ${setName(set)} of ${dateTime(issuedAt)}`}
            onClick={revoke}
          >
            Revoke
          </Button>
        )}
      </div>
      <p>{labels.map(labelName).join(', ')}</p>
      <dl class="facts small">
        <div>
          <dt>Issued</dt>
          <dd>{dateTime(issuedAt)}</dd>
        </div>
        <div>
          <dt>Transaction</dt>
          <dd>
            <a class="mono" href={`/ledger/tx/${txid}`}>
              {txid}
            </a>
            , output {vout}
          </dd>
        </div>
        <div>
          <dt>Subject</dt>
          <dd>
            <code>{xpub}</code>
          </dd>
        </div>
      </dl>
    </>
  )
}
