import type { JSX } from 'preact'
import { useEffect, useState } from 'preact/hooks'
import {
  Badge,
  Button,
  Check,
  dateTime,
  errorOf,
  Failure,
  Field,
  problemOf,
  useAction,
  withFields,
} from 'civic-ui'
import { api } from './api.ts'
import type { App, Review, Settings } from './api.ts'
import { LogoField, Picture } from './logo.tsx'

/** What needs an operator's approval: making the app live, renaming a live app, and scope requests for identity. */
export function ReviewOfApp({ app, settings }: { app: App; settings: Settings }): JSX.Element | null {
  const [review, setReview] = useState<Review | null>()
  const load = useAction(async () => setReview(await api.review(app.appId)))
  useEffect(() => load.run(), [app.appId])
  const [logo, setLogo] = useState<string>()
  const ask = useAction(async (fields: Readonly<Record<string, string>>) => {
    const { live, name = app.name, ...scopes } = fields
    const wanted = Object.keys(scopes)
    setReview(
      await api.askReview(app.appId, {
        ...(logo !== undefined && { logo }),
        ...(live !== undefined && { live: true }),
        ...(name !== app.name && name !== '' && { name }),
        ...(wanted.length > 0 && { scopes: [...app.scopes, ...wanted] }),
      }),
    )
  })
  const withdraw = useAction(async () => {
    await api.withdrawReview(app.appId)
    setReview(null)
  })
  if (review === undefined) return load.failure === '' ? null : <Failure text={load.failure} />
  const isWaiting = review !== null && review.refusal === undefined
  const wires = [...new Set(settings.scopeRequests.map(({ wire }) => wire))]
  const missing = wires.filter((wire) => !app.scopes.includes(wire))
  const isTest = app.environment === 'test'
  const problem = problemOf(ask.failure, isTest ? ['live', 'scopes'] : ['name', 'scopes'])
  return (
    <section class="card pad stack" aria-labelledby="review">
      <div class="title">
        <h2 id="review">Review</h2>
        {isWaiting && <Badge tone="wait">waiting for an operator</Badge>}
        {review?.refusal !== undefined && <Badge tone="bad">refused</Badge>}
      </div>
      {review?.refusal !== undefined && <p class="failure">{review.refusal}</p>}
      {isWaiting ? (
        <>
          <p class="soft small">
            {review.askedBy} asked on {dateTime(review.askedAt)}: {wishOf(review, app)}.
          </p>
          <Failure text={withdraw.failure} />
          <div>
            <Button busy={withdraw.isRunning} onClick={() => withdraw.run()}>
              Withdraw
            </Button>
          </div>
        </>
      ) : (
        <form class="stack tight" noValidate onSubmit={withFields(ask.run)}>
          <p class="soft small">
            An operator approves live apps, and scope requests for people’s identity.
            {isTest && ' A live app needs https and proved domains.'}
          </p>
          {isTest ? (
            <Check id="review-live" name="live" label="Make the app live" {...errorOf(problem, 'live')} />
          ) : (
            <Field
              id="review-name"
              name="name"
              label="Another name"
              defaultValue={app.name}
              maxLength={80}
              {...errorOf(problem, 'name')}
            />
          )}
          {!isTest && (
            <>
              <Picture logo={logo ?? app.logo} />
              <LogoField id="review-logo" logo={logo ?? app.logo} choose={setLogo} />
            </>
          )}
          {missing.map((wire, index) => (
            <Check
              key={wire}
              id={`review-${wire}`}
              name={wire}
              label={
                <>
                  Ask for <code>{wire}</code>
                </>
              }
              {...(index === 0 && errorOf(problem, 'scopes'))}
            />
          ))}
          <Failure text={problem.field === undefined ? plain(problem.text) : ''} />
          <div>
            <Button type="submit" busy={ask.isRunning}>
              Ask for a review
            </Button>
          </div>
        </form>
      )}
    </section>
  )
}

/** Without the name of a field that the form has not. */
function plain(text: string): string {
  return problemOf(text, ['live', 'name', 'logo', 'scopes']).text
}

/** What a review would change of an app. */
export function wishOf(
  { live, name, logo, scopes }: Pick<Review, 'live' | 'name' | 'logo' | 'scopes'>,
  now: Pick<App, 'environment' | 'name' | 'scopes'>,
): string {
  const more = scopes.filter((scope) => !now.scopes.includes(scope))
  const parts = [
    live && now.environment === 'test' && 'a live app',
    name !== undefined && name !== now.name && `the name ${name}`,
    logo !== undefined && now.environment === 'live' && (logo === '' ? 'no logo' : 'another logo'),
    more.length > 0 && more.join(', '),
  ]
  return parts.filter((part) => typeof part === 'string').join('; ')
}
