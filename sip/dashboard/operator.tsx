import type { JSX } from 'preact'
import { useEffect, useState } from 'preact/hooks'
import { Badge, Button, Check, dateTime, Failure, useAction, useScreen } from 'civic-ui'
import { api, OF } from './api.ts'
import type { PartnerView, Waiting } from './api.ts'
import { Audit } from './audit.tsx'
import { Picture } from './logo.tsx'
import { wishOf } from './review.tsx'
import { NewLink } from './team.tsx'
import { Verdict } from './verdict.tsx'

/** The decisions of the server's operators. */
export function Operator(): JSX.Element {
  useScreen('Operator', OF)
  const [partners, setPartners] = useState<readonly PartnerView[]>()
  const [reviews, setReviews] = useState<readonly Waiting[]>()
  const [link, setLink] = useState('')
  const reload = async (): Promise<void> => {
    setReviews(await api.reviews())
    setPartners(await api.partners())
  }
  const load = useAction(reload)
  useEffect(() => load.run(), [])
  const invite = useAction(async () => setLink((await api.invitePartner()).link))
  return (
    <>
      <h1 tabIndex={-1}>Operator</h1>
      <Failure text={load.failure} />
      {reviews && (
        <section class="card pad stack" aria-labelledby="reviews">
          <h2 id="reviews">Reviews</h2>
          {reviews.length === 0 && <p class="soft small">No reviews are waiting.</p>}
          {reviews.map((review) => (
            <OneReview key={`${review.appId} ${review.askedAt}`} {...{ review, reload }} />
          ))}
        </section>
      )}
      {partners && (
        <section class="card pad stack" aria-labelledby="partners">
          <div class="title">
            <h2 id="partners">Partners</h2>
            <Button busy={invite.isRunning} onClick={() => invite.run()}>
              Invite a partner
            </Button>
          </div>
          <Failure text={invite.failure} />
          <NewLink link={link} />
          {partners.length === 0 && <p class="soft small">No partners yet.</p>}
          {partners.map((partner) => (
            <section key={partner.id} class="keys stack tight" aria-label={partner.name}>
              <h3>
                {partner.name} <span class="soft small">since {dateTime(partner.createdAt)}</span>
              </h3>
              {partner.apps.length === 0 && <p class="soft small">No apps.</p>}
              <ul class="lines">
                {partner.apps.map((app) => (
                  <OneApp key={app.appId} {...{ app, reload }} />
                ))}
              </ul>
            </section>
          ))}
        </section>
      )}
      <Audit partnerId={undefined} />
    </>
  )
}

function OneReview({ review, reload }: { review: Waiting; reload: () => Promise<void> }): JSX.Element {
  const { appId, askedAt, askedBy, partnerName, now } = review
  const decide = useAction(async (decision: object) => {
    await api.decideReview(appId, { askedAt, ...decision })
    await reload()
  })
  return (
    <section class="keys stack tight" aria-label={`${now.name} of ${partnerName}`}>
      <div class="row wrap">
        <h3 class="grow">
          {now.name} <span class="soft">of {partnerName}</span>
        </h3>
        <Badge tone={now.environment === 'live' ? 'good' : 'wait'}>{now.environment}</Badge>
      </div>
      <dl class="facts aside">
        <div>
          <dt>Asks for</dt>
          <dd>{wishOf(review, now)}</dd>
        </div>
        {review.logo !== undefined && review.logo !== '' && (
          <div>
            <dt>Logo</dt>
            <dd>
              <Picture logo={review.logo} />
            </dd>
          </div>
        )}
        <div>
          <dt>Domains</dt>
          <dd>{now.whitelist.join(', ') || 'none'}</dd>
        </div>
        <div>
          <dt>Asked</dt>
          <dd>
            {dateTime(askedAt)} by {askedBy}
          </dd>
        </div>
      </dl>
      <Verdict
        id={`reason-${appId}`}
        hint="The partner reads it."
        maxLength={500}
        isRunning={decide.isRunning}
        failure={decide.failure}
        approve={() => decide.run({ approve: true })}
        refuse={(reason) => decide.run({ approve: false, reason })}
      />
    </section>
  )
}

function OneApp({
  app,
  reload,
}: {
  app: PartnerView['apps'][number]
  reload: () => Promise<void>
}): JSX.Element {
  const { appId, name, environment, suspended, attestations, confirm } = app
  const decide = useAction(async (change: Parameters<typeof api.decideApp>[1]) => {
    await api.decideApp(appId, change)
    await reload()
  })
  return (
    <li class="row wrap">
      <span class="grow">
        {name} <code class="soft">{appId}</code>
      </span>
      <Badge tone={suspended ? 'bad' : environment === 'live' ? 'good' : 'wait'}>
        {suspended ? 'suspended' : environment}
      </Badge>
      {environment === 'live' && (
        <Button
          aria-label={`Make it a test app: ${name}`}
          onClick={() => decide.run({ environment: 'test' })}
        >
          Make it a test app
        </Button>
      )}
      <Button
        kind={suspended ? 'plain' : 'danger'}
        aria-label={`${suspended ? 'Resume' : 'Suspend'} ${name}`}
        onClick={() => decide.run({ suspended: !suspended })}
      >
        {suspended ? 'Resume' : 'Suspend'}
      </Button>
      <details class="settings">
        <summary aria-label={`Settings of ${name}`}>Settings</summary>
        <div class="stack tight">
          <Check
            id={`confirm-${appId}`}
            label="Ask for the digits from the wallet"
            hint="An approval counts once the browser that asked sends them. Without them, somebody can be led to approve a login of another browser."
            checked={confirm}
            onChange={() => decide.run({ confirm: !confirm })}
          />
          <Check
            id={`attestations-${appId}`}
            label="Give the site the attestations themselves"
            hint="The site can then verify them. They show it the person’s extended public keys."
            checked={attestations}
            onChange={() => decide.run({ attestations: !attestations })}
          />
        </div>
      </details>
      <Failure text={decide.failure} />
    </li>
  )
}
