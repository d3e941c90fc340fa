import type { JSX } from 'preact'
import { useEffect, useState } from 'preact/hooks'
import { Button, dateTime, Failure, labelName, useAction, useScreen } from 'civic-ui'
import { api, OF } from './api.ts'
import type { DocumentView, WholeDocument } from './api.ts'
import { Verdict } from './verdict.tsx'

/** The reviewer's desk: one document at a time, beside what is claimed of it. */
export function Documents(): JSX.Element {
  useScreen('Documents', OF)
  const [waiting, setWaiting] = useState<readonly DocumentView[]>()
  const [document, setDocument] = useState<WholeDocument>()
  const load = useAction(async () => {
    setDocument(undefined)
    setWaiting(await api.documents())
  })
  const open = useAction(async (key: string) => setDocument(await api.document(key)))
  useEffect(() => load.run(), [])
  return (
    <>
      <h1 tabIndex={-1}>Documents</h1>
      <Failure text={load.failure || open.failure} />
      {document ? (
        <OneDocument key={document.key} document={document} done={() => load.run()} />
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
    </>
  )
}

const SETS: Readonly<Record<string, string>> = {
  attCivicIdentity: 'Identity document',
  attCivicResidence: 'Address',
}

function OneDocument({ document, done }: { document: WholeDocument; done: () => void }): JSX.Element {
  const { key, set, since, claims, pictures } = document
  const decide = useAction(async (decision: 'approve' | { reason: string }) => {
    if (decision === 'approve') await api.approveDocument(key)
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
