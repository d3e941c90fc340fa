import { html } from '../html.ts'
import { civicButton, layout } from './layout.ts'
import type { CivicPage } from './layout.ts'

export function homePage(civic: CivicPage, isLoggedIn: boolean, returnTo?: string): string {
  return layout({
    title: 'Log in without a password',
    isLoggedIn,
    civic,
    returnTo,
    main: html`<div class="hero">
        <div>
          <h1>Log in without a password</h1>
          <p class="lead">
            Press a button, scan the code with the Civic app on your phone, approve, and you are in. Your
            email address and phone number arrive verified; nothing else does.
          </p>
          ${isLoggedIn ? welcomeBack : entrances(civic.isDirect)}
        </div>
        <img class="picture" src="/scan.svg" alt="" width="440" height="400" />
      </div>
      ${civic.walletUrl && sandboxNote(civic.walletUrl)}
      <ul class="points">
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
      </ul>`,
  })
}

const entrances = (isDirect: boolean) =>
  html`<div class="buttons">
      ${civicButton('BASIC_SIGNUP', 'Sign up with Civic')} ${civicButton('BASIC_LOGIN', 'Log in with Civic')}
    </div>
    <p class="aside">
      Do you prefer not to say who you are?
      <button class="link" type="button" data-scope-request="ANONYMOUS_LOGIN" data-provider="civic">
        Log in privately</button
      >: not even your email address is shared.
    </p>
    ${isDirect && directly}`

const directly = html`<p class="aside">
  <button class="link" type="button" data-scope-request="BASIC_SIGNUP" data-provider="civic-direct">
    Log in directly</button
  >: we ask your wallet ourselves, with no service in between.
</p>`

const welcomeBack = html`<p><a class="button" href="/account">Go to your account</a></p>`

function sandboxNote(walletUrl: string) {
  return html`<p class="sandbox">
    <strong>No Civic app?</strong> This is a demonstration. Open the
    <a href="${walletUrl}" target="_blank">test wallet</a> in a second window: it replaces the app.
  </p>`
}
