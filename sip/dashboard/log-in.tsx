import type { JSX } from 'preact'
import { useEffect, useState } from 'preact/hooks'
import {
  Button,
  dateTime,
  errorOf,
  Failure,
  Field,
  problemOf,
  useAction,
  useScreen,
  withFields,
} from 'civic-ui'
import { api, OF } from './api.ts'
import type { Offer } from './api.ts'
import { askWallet } from './wallet-login.ts'

/** The page for a person who is not logged in. */
export function LogIn({ done, failure }: { done: () => void; failure: string }): JSX.Element {
  useScreen('Log in', OF)
  const logIn = useAction(async () => {
    await askWallet({ kind: 'login' })
    done()
  })
  return (
    <section class="card pad stack narrow">
      <h1 tabIndex={-1}>Log in</h1>
      <p class="soft">Partners log in with the wallet that they joined with.</p>
      <Failure text={logIn.failure || failure} />
      <div>
        <Button kind="primary" busy={logIn.isRunning} onClick={() => logIn.run()}>
          Log in with your wallet
        </Button>
      </div>
    </section>
  )
}

/**
 * The page of an invite's link. It shows what the person joins and asks first, so that opening the link does not spend
 * it.
 */
export function Join({ token, done }: { token: string; done: () => void }): JSX.Element | null {
  useScreen('Join', OF)
  const [offer, setOffer] = useState<Offer>()
  const load = useAction(async () => setOffer(await api.offer(token)))
  useEffect(() => load.run(), [token])
  const join = useAction(async ({ name = '', partnerName }: Readonly<Record<string, string>>) => {
    await askWallet({ kind: 'join', token, name, ...(partnerName !== undefined && { partnerName }) })
    done()
  })
  if (!offer) return load.failure === '' ? null : <Gone failure={load.failure} />
  const problem = problemOf(join.failure, ['name', 'partnerName'])
  return (
    <form class="card pad stack narrow" noValidate onSubmit={withFields(join.run)}>
      <h1 tabIndex={-1}>{titleOf(offer)}</h1>
      <p>
        You become <strong>{ROLES[offer.role]}</strong>. From now on, you log in with the wallet that you use
        now.
      </p>
      {offer.partnerName === undefined && !offer.isOperator && (
        <Field
          id="partnerName"
          name="partnerName"
          label="Name of your organisation"
          autocomplete="organization"
          maxLength={80}
          {...errorOf(problem, 'partnerName')}
        />
      )}
      <Field
        id="name"
        name="name"
        label="Your name"
        hint="The other members see it."
        autocomplete="name"
        maxLength={80}
        {...errorOf(problem, 'name')}
      />
      <p class="soft small">This invite works once, until {dateTime(offer.expiresAt)}.</p>
      <Failure text={problem.field === undefined ? problem.text : ''} />
      <div class="row wrap">
        <Button kind="primary" type="submit" busy={join.isRunning}>
          Join with your wallet
        </Button>
        <a class="button quiet" href="#">
          Not now
        </a>
      </div>
    </form>
  )
}

function Gone({ failure }: { failure: string }): JSX.Element {
  return (
    <section class="card pad stack narrow">
      <h1 tabIndex={-1}>This invite cannot be used</h1>
      <p class="soft">{failure}</p>
      <p>
        <a href="#">Log in</a>
      </p>
    </section>
  )
}

function titleOf({ partnerName, isOperator }: Offer): string {
  if (isOperator) return 'Run this server?'
  return partnerName === undefined ? 'Become a partner?' : `Join ${partnerName}?`
}

const ROLES: Readonly<Record<Offer['role'], string>> = {
  OWNER: 'an owner, who also invites the team',
  ADMIN: 'an admin, who can do everything but invite',
  DEVELOPER: 'a developer, who works with apps and keys',
  OPERATOR: 'an operator, who approves and suspends apps of partners',
  REVIEWER: 'a reviewer, who checks documents',
}
