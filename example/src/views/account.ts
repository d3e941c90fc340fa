import { Labels } from 'passport-civic-sip/user-data'
import type { Account, Contact, Event, EventKind, Identity, Provider } from '../accounts.ts'
import { html } from '../html.ts'
import type { Html } from '../html.ts'
import { civicButton, layout } from './layout.ts'
import type { CivicPage } from './layout.ts'

const NEWS = new Map<unknown, string>([
  ['signup', 'Welcome to Fernhill. Your account is ready.'],
  ['link', 'The identity is linked. You can now log in with it.'],
  ['known', 'This identity is in your account already.'],
  ['proof', 'Thank you. Your document has been verified.'],
  ['unlink', 'The identity is unlinked, and your other sessions have ended.'],
])

const EVENTS: Readonly<Record<EventKind, string>> = {
  signup: 'Signed up',
  login: 'Logged in',
  link: 'Linked an identity',
  proof: 'Verified with documents',
  unlink: 'Unlinked an identity',
}

const PROVIDERS: Readonly<Record<Provider, string>> = {
  civic: 'Civic user',
  'civic-direct': 'Wallet key',
}

const CONTACTS: Readonly<Record<string, string>> = {
  [Labels.EMAIL]: 'Email',
  [Labels.PHONE_NUMBER]: 'Phone',
}

/** @param news the key of a message about what just happened; unknown keys show nothing */
export function accountPage(civic: CivicPage, account: Account, news: unknown): string {
  const { identities, events, createdAt } = account
  return layout({
    title: 'Your account',
    isLoggedIn: true,
    member: memberName(account),
    civic,
    returnTo: '/account',
    main: html`<h1>Your account</h1>
      <p class="lead">Member since ${date(createdAt)}</p>
      ${NEWS.has(news) && html`<p class="notice good shown" role="status" tabindex="-1" autofocus>${NEWS.get(news)}</p>`}
      <section class="card" aria-labelledby="identities">
        <h2 id="identities">Ways to log in</h2>
        ${identities.map((identity) => identityPart(identity, identities.length > 1))}
        <div class="buttons">
          ${civicButton('BASIC_SIGNUP', 'Link an identity')}
          ${civic.isDirect && civicButton('BASIC_SIGNUP', 'Link a wallet directly', 'civic-direct')}
        </div>
      </section>
      <section class="card" aria-labelledby="proofs">
        <h2 id="proofs">Proofs</h2>
        <p>We keep the result and its date; the document stays on your phone.</p>
        ${ageProof(identities)} ${identityProof(identities)}
      </section>
      <section class="card" aria-labelledby="events">
        <h2 id="events">Recent activity</h2>
        <p>If you do not recognise something, unlink the identity that was used.</p>
        ${eventTable(events)}
      </section>
      <section class="card" aria-labelledby="delete">
        <h2 id="delete">Delete account</h2>
        <details>
          <summary>I want to delete my account</summary>
          <p>This deletes all your data immediately. This cannot be undone.</p>
          <form method="post" action="/account/delete">
            <button class="button danger">Delete my account</button>
          </form>
        </details>
      </section>`,
  })
}

function identityPart({ provider, userId, linkedAt, contacts }: Identity, canUnlink: boolean): Html {
  return html`<article class="identity">
    <dl>
      ${
        contacts.length === 0 &&
        html`<div>
          <dt>Private</dt>
          <dd>This identity has shared no email address and no phone number.</dd>
        </div>`
      }
      ${contacts.map(contactPart)}
      <div>
        <dt>${PROVIDERS[provider]}</dt>
        <dd>${shortened(userId)}</dd>
      </div>
      <div>
        <dt>Linked</dt>
        <dd>${date(linkedAt)}</dd>
      </div>
    </dl>
    ${
      canUnlink &&
      html`<details class="unlink">
        <summary class="button quiet">
          Unlink<span class="unseen"> identity ${userId.slice(0, 8)}</span>
        </summary>
        <form method="post" action="/account/unlink">
          <p>You can no longer log in with it, and your other sessions end.</p>
          <input type="hidden" name="provider" value="${provider}" />
          <input type="hidden" name="userId" value="${userId}" />
          <button class="button danger">
            Yes, unlink it<span class="unseen">: identity ${userId.slice(0, 8)}</span>
          </button>
        </form>
      </details>`
    }
  </article>`
}

/** The name in the header: the verified email address, if there is one. */
export function memberName({ identities }: Pick<Account, 'identities'>): string {
  const contacts = identities.flatMap((identity) => identity.contacts)
  const email = contacts.find(({ label, isValid, isOwner }) => label === Labels.EMAIL && isValid && isOwner)
  return email?.value ?? 'Private account'
}

/** A long id, shortened, with a button that copies the whole id (site.js). */
function shortened(id: string): Html {
  return html`<code title="${id}">${id.slice(0, 8)}…${id.slice(-4)}</code>
    <button class="copy" type="button" data-copy="${id}" hidden>
      Copy<span class="unseen"> the id ${id.slice(0, 8)}</span>
    </button>`
}

function contactPart({ label, value, isValid, isOwner }: Contact): Html {
  return html`<div>
    <dt>${CONTACTS[label]}</dt>
    <dd>${value} ${badge(isValid && isOwner, 'Verified', isValid ? 'Not yours' : 'Revoked')}</dd>
  </div>`
}

function badge(isGood: boolean, good: string, bad: string): Html {
  return html`<span class="badge ${isGood ? 'good' : 'bad'}">${isGood ? good : bad}</span>`
}

function ageProof(identities: readonly Identity[]): Html {
  const { isAdult, ageProvedAt } = identities.find((identity) => identity.ageProvedAt) ?? {}
  return html`<div class="proof">
    ${
      ageProvedAt
        ? html`<p>${badge(isAdult === true, 'Over 18', 'Under 18')} Verified on ${date(ageProvedAt)}</p>`
        : html`<p>Age: not verified</p>`
    }
    ${!isAdult && civicButton('PROOF_OF_AGE', 'Verify your age', identities[0]?.provider)}
  </div>`
}

function identityProof(identities: readonly Identity[]): Html {
  const { identityProvedAt } = identities.find((identity) => identity.identityProvedAt) ?? {}
  return html`<div class="proof">
    ${
      identityProvedAt
        ? html`<p>${badge(true, 'Identity verified', '')} On ${date(identityProvedAt)}</p>`
        : html`<p>Identity: not verified yet</p>
            ${civicButton('PROOF_OF_IDENTITY', 'Verify your identity', identities[0]?.provider)}`
    }
  </div>`
}

function eventTable(events: readonly Event[]): Html {
  return html`<div class="scroll" role="region" aria-label="Table of recent activity">
    <table>
      <thead>
        <tr>
          <th scope="col">When (UTC)</th>
          <th scope="col">What</th>
          <th scope="col">Identity</th>
          <th scope="col">Address</th>
        </tr>
      </thead>
      <tbody>
        ${events.map(
          ({ happenedAt, kind, userId, ip }) =>
            html`<tr>
              <td>${date(happenedAt, { dateStyle: 'medium', timeStyle: 'short' })}</td>
              <td>${EVENTS[kind]}</td>
              <td><code>${userId.slice(0, 8)}</code></td>
              <td>${ip}</td>
            </tr>`,
        )}
      </tbody>
    </table>
  </div>`
}

function date(value: Date, style: Intl.DateTimeFormatOptions = { dateStyle: 'long' }): Html {
  const text = value.toLocaleString('en-GB', { ...style, timeZone: 'UTC' })
  return html`<time datetime="${value.toISOString()}">${text}</time>`
}
