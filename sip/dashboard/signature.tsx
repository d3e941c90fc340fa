import type { JSX } from 'preact'
import { Badge, Button, Copied, Failure, useAction } from 'civic-ui'
import type { ReviewerKeys } from './api.ts'
import { makeReviewerKey } from './reviewer-key.ts'
import type { ReviewerKey } from './reviewer-key.ts'

/** A reviewer's key in this browser, for the server's cosigner. */
export function Signature({
  userId,
  rules,
  own,
  made,
}: {
  userId: string
  rules: ReviewerKeys
  /** Undefined until it is made. */
  own: ReviewerKey | undefined
  made: (key: ReviewerKey) => void
}): JSX.Element {
  const make = useAction(async () => made(await makeReviewerKey(userId)))
  const isKnown = own !== undefined && rules.keys.includes(own.pubKey)
  return (
    <section class="card pad stack" aria-labelledby="signature">
      <h2 id="signature">Your signature</h2>
      <p class="soft small">
        This server’s cosigner signs for a document only if a reviewer has signed first. Your key stays in
        this browser, and no page can read it.
      </p>
      {own ? (
        <>
          <dl class="facts">
            <Copied name="Public key" value={own.pubKey} />
          </dl>
          {isKnown ? (
            <div>
              <Badge tone="good">The cosigner knows this key</Badge>
            </div>
          ) : (
            <p class="notice small">
              The cosigner does not know this key yet. Give it to the person who runs the cosigner, who adds
              it to <code>REVIEWER_KEYS</code>. Compare it outside this page as well, such as by phone.
            </p>
          )}
        </>
      ) : (
        <div>
          <Button kind="primary" busy={make.isRunning} onClick={() => make.run()}>
            Make a key
          </Button>
        </div>
      )}
      <Failure text={make.failure} />
    </section>
  )
}
