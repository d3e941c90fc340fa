import type { JSX } from 'preact'
import { useEffect, useState } from 'preact/hooks'
import { Button, dateTime, Failure, useAction } from 'civic-ui'
import { api } from './api.ts'
import type { AuditEntry } from './api.ts'

const PAGE = 100

/**
 * What members did, newest first.
 * @param partnerId undefined: everybody's entries, for operators
 */
export function Audit({ partnerId }: { partnerId: string | undefined }): JSX.Element {
  const [entries, setEntries] = useState<readonly AuditEntry[]>([])
  const [hasMore, setMore] = useState(false)
  const load = useAction(async (known: readonly AuditEntry[]) => {
    const page = await api.audit(partnerId, known.at(-1)?.id)
    setEntries([...known, ...page])
    setMore(page.length === PAGE)
  })
  useEffect(() => load.run([]), [partnerId])
  return (
    <section class="card pad stack" aria-labelledby="audit">
      <div class="title">
        <h2 id="audit">What happened</h2>
        {partnerId === undefined && <a href="/dashboard/api/operator/audit/export">Export</a>}
      </div>
      <Failure text={load.failure} />
      <ul class="lines">
        {entries.map(({ id, at, who, what, appId, detail }) => (
          <li key={id} class="row wrap">
            <span class="grow">
              <strong>{who}</strong> {HAPPENED[what] ?? what}
              {detail !== undefined &&
                (detail.startsWith('as ') ? ` ${detail.toLowerCase()}` : `: ${detail}`)}
              {appId !== undefined && (
                <>
                  {' '}
                  <code class="soft">{appId}</code>
                </>
              )}
            </span>
            <time class="soft small" dateTime={new Date(at).toISOString()}>
              {dateTime(at)}
            </time>
          </li>
        ))}
      </ul>
      {hasMore && (
        <div>
          <Button busy={load.isRunning} onClick={() => load.run(entries)}>
            Show earlier entries
          </Button>
        </div>
      )}
    </section>
  )
}

const HAPPENED: Readonly<Record<string, string>> = {
  'app.created': 'created an app',
  'app.changed': 'changed an app',
  'app.decided': 'changed an app as an operator',
  'app.deleted': 'deleted an app',
  'attestation.revoked': 'asked to revoke an attestation',
  'attestations.revoked': 'asked to revoke all attestations of a value',
  'cosigner.replaced': 'set the cosigner aside',
  'domain.lost': 'no longer found the proof of a domain',
  'domain.proved': 'proved a domain',
  'domain.removed': 'removed a domain',
  'invite.withdrawn': 'withdrew an invite',
  'keys.made': 'made new keys',
  'keys.revoked': 'revoked keys',
  'keys.ending': 'revoked keys with a grace period',
  'member.changed': 'changed a role',
  'member.invited': 'invited somebody',
  'member.joined': 'joined',
  'member.left': 'left',
  'member.removed': 'removed a member',
  'money.recovered': 'signed a transaction that moves the attester’s money',
  'operator.invited': 'invited an operator',
  'partner.invited': 'invited a partner',
  'review.approved': 'approved a review',
  'review.asked': 'asked for a review',
  'review.refused': 'refused a review',
  'review.withdrawn': 'withdrew a review',
  'secret.shown': 'saw a secret',
  'session.began': 'logged in',
}
