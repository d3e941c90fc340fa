import type { JSX } from 'preact'
import { useEffect, useState } from 'preact/hooks'
import { Button, dateTime, Failure, labelName, useAction, useScreen } from 'civic-ui'
import type { Approval } from '../lib/documents/review-text.ts'
import { reviewedOf, reviewText } from '../lib/documents/review-text.ts'
import { api, OF } from './api.ts'
import type { DocumentView, ReviewerKeys, WholeDocument } from './api.ts'
import { findReviewerKey } from './reviewer-key.ts'
import type { ReviewerKey } from './reviewer-key.ts'
import { Signature } from './signature.tsx'
import { Verdict } from './verdict.tsx'

/** The reviewer's desk: one document at a time, beside its claims. */
export function Documents({ userId }: { userId: string }): JSX.Element {
  useScreen('Documents', OF)
  const [waiting, setWaiting] = useState<readonly DocumentView[]>()
  const [document, setDocument] = useState<WholeDocument>()
  const [rules, setRules] = useState<ReviewerKeys>()
  const [own, setOwn] = useState<ReviewerKey>()
  const know = useAction(async () => {
    const asked = await api.reviewerKeys()
    if (asked.hasCosigner) setOwn(await findReviewerKey(userId))
    setRules(asked)
  })
  const load = useAction(async () => {
    setDocument(undefined)
    setWaiting(await api.documents())
  })
  const open = useAction(async (key: string) => setDocument(await api.document(key)))
  useEffect(() => {
    know.run()
    load.run()
  }, [])
  return (
    <>
      <h1 tabIndex={-1}>Documents</h1>
      <Failure text={load.failure || open.failure || know.failure} />
      {document ? (
        <OneDocument key={document.key} document={document} signer={own} done={() => load.run()} />
      ) : (
        waiting && (
          <section class="card pad stack" aria-labelledby="waiting">
            <h2 id="waiting">Waiting for review</h2>
            {waiting.length === 0 && <p class="soft small">No documents are waiting.</p>}
            <ul class="lines">
              {waiting.map(({ key, set, since }) => (
                <li key={key} class="row wrap">
                  <span class="grow">
                    {SETS[set] ?? set} <span class="soft">of {dateTime(since)}</span>
                  </span>
                  <Button
                    aria-label={`Open the document of ${dateTime(since)}`}
                    busy={open.isRunning}
                    onClick={() => open.run(key)}
                  >
                    Open
                  </Button>
                </li>
              ))}
            </ul>
          </section>
        )
      )}
      {rules?.hasCosigner === true && <Signature {...{ userId, rules, own }} made={setOwn} />}
    </>
  )
}

const SETS: Readonly<Record<string, string>> = {
  attCivicIdentity: 'Identity document',
  attCivicResidence: 'Address',
}

function OneDocument({
  document,
  signer,
  done,
}: {
  document: WholeDocument
  signer: ReviewerKey | undefined
  done: () => void
}): JSX.Element {
  const { key, set, since, claims, pictures } = document
  const decide = useAction(async (decision: 'approve' | { reason: string }) => {
    if (decision === 'approve') await api.approveDocument(key, signer && (await approvalOf(document, signer)))
    else await api.refuseDocument(key, decision.reason)
    done()
  })
  return (
    <section class="card pad stack" aria-labelledby="document">
      <h2 id="document">
        {SETS[set] ?? set} <span class="soft small">of {dateTime(since)}</span>
      </h2>
      <p class="soft small">Approve it only if the picture is genuine and shows every value.</p>
      <div class="document">
        {pictures.map((picture, index) => (
          <img key={index} src={picture} alt={`Picture ${index + 1} of the document`} />
        ))}
        <dl class="facts">
          {Object.entries(claims).map(([label, value]) => (
            <div key={label}>
              <dt>{labelName(label)}</dt>
              <dd>{value}</dd>
            </div>
          ))}
        </dl>
      </div>
      <Verdict
        id="reason"
        hint="The person reads it in the wallet."
        maxLength={300}
        isRunning={decide.isRunning}
        failure={decide.failure}
        approve={() => decide.run('approve')}
        refuse={(reason) => decide.run({ reason })}
      >
        <Button onClick={done}>Back</Button>
      </Verdict>
    </section>
  )
}

/** Signs for the picture and the claims that are shown, and nothing else. */
async function approvalOf(document: WholeDocument, { pubKey, sign }: ReviewerKey): Promise<Approval> {
  return { id: document.key, key: pubKey, signature: await sign(reviewText(reviewedOf(document))) }
}
