import { html } from '../html.ts'
import type { Html } from '../html.ts'
import { civicButton, layout } from './layout.ts'
import type { CivicPage } from './layout.ts'

/** The front page for a person who is logged in. @param member the person's name */
export function memberPage(member: string): string {
  return layout({
    title: 'Welcome back',
    isLoggedIn: true,
    member,
    main: html`<div class="hero">
        <div>
          <h1>Welcome back</h1>
          <p class="lead">You are logged in as <strong class="member">${member}</strong>.</p>
          <p><a class="button" href="/account">Go to your account</a></p>
        </div>
        ${picture}
      </div>
      ${points}`,
  })
}

/** The front page for everybody else. @param returnTo the page that they wanted, which needs a login */
export function homePage(civic: CivicPage, returnTo?: string): string {
  const title = titleOf(returnTo)
  return layout({
    title,
    isLoggedIn: false,
    civic,
    returnTo,
    main: html`<div class="hero">
        <div>
          <h1>${title}</h1>
          <p class="lead on-desk">
            Press a button, scan the code with the Civic app on your phone, approve, and you are in. Your
            email address and phone number arrive verified; nothing else does.
          </p>
          <p class="lead on-phone">
            Press the button, approve in the Civic app on this phone, and you are in. Your email address and
            phone number arrive verified; nothing else does.
          </p>
          ${entrances(civic.isDirect, returnTo !== undefined)}
        </div>
        ${picture}
      </div>
      ${civic.walletUrl && sandboxNote(civic.walletUrl)} ${points}`,
  })
}

function titleOf(returnTo: string | undefined): string {
  if (returnTo === undefined) return 'Log in without a password'
  return returnTo.startsWith('/account') ? 'Log in to see your account' : 'Log in to continue'
}

const picture = html`<img class="picture" src="/scan.svg" alt="" width="440" height="400" />`

const points = html`<ul class="points">
  <li>
    <h2>Nothing to remember</h2>
    <p>There is no password that could be guessed, leaked or forgotten.</p>
  </li>
  <li>
    <h2>You decide each time</h2>
    <p>Your phone shows which site asks for what, and shares nothing until you approve.</p>
  </li>
  <li>
    <h2>Little is kept</h2>
    <p>We keep only what your account needs, and delete it with your account.</p>
  </li>
</ul>`

/** @param isMember whether the visitor probably has an account */
function entrances(isDirect: boolean, isMember: boolean): Html {
  const [signup, login] = isMember ? (['second', 'first'] as const) : (['first', 'second'] as const)
  const buttons = [
    civicButton('BASIC_SIGNUP', 'Sign up with Civic', 'civic', signup),
    civicButton('BASIC_LOGIN', 'Log in with Civic', 'civic', login),
  ]
  return html`<div class="buttons">${isMember ? buttons.reverse() : buttons}</div>
    <p class="aside">
      Do you prefer not to say who you are?
      <button class="link" type="button" data-scope-request="ANONYMOUS_LOGIN" data-provider="civic">
        Log in privately</button
      >: not even your email address is shared.
    </p>
    ${isDirect && directly}`
}

const directly = html`<p class="aside">
  <button class="link" type="button" data-scope-request="BASIC_SIGNUP" data-provider="civic-direct">
    Log in directly</button
  >: we ask your wallet ourselves, with no service in between.
</p>`

function sandboxNote(walletUrl: string): Html {
  return html`<p class="sandbox">
    <strong>No Civic app?</strong> This is a demonstration. Open the
    <a href="${walletUrl}" target="_blank">test wallet</a> in a second window: it replaces the app.
  </p>`
}
