import type { Provider } from '../accounts.ts'
import { html } from '../html.ts'
import type { Html } from '../html.ts'

/** The settings for CivicJS on a page with Civic's buttons. */
export interface CivicPage {
  readonly appId: string
  readonly stage: string
  readonly scriptUrl: string
  readonly styleUrl: string
  /** Whether the site also asks wallets itself. */
  readonly isDirect: boolean
  /** A wallet for a person without a phone; undefined unless there is a sandbox. */
  readonly walletUrl: string | undefined
}

export interface Page {
  readonly title: string
  readonly isLoggedIn: boolean
  /** The logged-in person's name in the header. */
  readonly member?: string | undefined
  readonly main: Html
  /** Only for pages with Civic's buttons. */
  readonly civic?: CivicPage
  /** Where to go after the login. */
  readonly returnTo?: string | undefined
}

export function layout({ title, isLoggedIn, member, main, civic, returnTo }: Page): string {
  return html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="color-scheme" content="light dark" />
        <title>${title} · Fernhill</title>
        <link rel="icon" href="/mark.svg" />
        ${civic && html`<link rel="stylesheet" href="${civic.styleUrl}" />`}
        <link rel="stylesheet" href="/site.css" />
        ${civic && html`<script src="${civic.scriptUrl}" defer></script>`}
        ${civic && html`<script src="/site.js" defer></script>`}
      </head>
      <body>
        <a class="skip" href="#main">Skip to content</a>
        <header class="bar">
          <a class="brand" href="/"><img src="/mark.svg" alt="" width="28" height="28" />Fernhill</a>
          <nav aria-label="Account">${isLoggedIn && loggedIn(member)}</nav>
        </header>
        <main id="main">${civic && civicParts(civic, returnTo)} ${main}</main>
        <footer class="foot">
          <p>Fernhill is an invented company: the example site of <code>passport-civic-sip</code>.</p>
        </footer>
      </body>
    </html>`.text
}

function loggedIn(member = 'Your account'): Html {
  return html`<a class="member" href="/account" title="${member}">${member}</a>
    <form method="post" action="/logout"><button class="quiet">Log out</button></form>`
}

/** The form that site.js uses to send Civic's token to our server, and the element for its notices. */
function civicParts({ appId, stage, isDirect }: CivicPage, returnTo: string | undefined): Html {
  return html`<form
      id="login"
      method="post"
      action="/auth/civic"
      data-app-id="${appId}"
      data-stage="${stage}"
      ${isDirect && html`data-direct`}
      hidden
    >
      <input type="hidden" name="authToken" />
      <input type="hidden" name="returnTo" value="${returnTo}" />
    </form>
    <p id="notice" class="notice" role="status"></p>
    <noscript><p class="notice shown">Logging in with Civic needs JavaScript.</p></noscript>`
}

/**
 * A button that starts a scope request; CivicJS's style sheet draws it.
 * @param look `first` for a page's main button
 */
export function civicButton(
  scopeRequest: string,
  text: string,
  provider: Provider = 'civic',
  look: 'first' | 'second' = 'second',
): Html {
  return html`<button
    class="civic-button-a medium ${look}"
    type="button"
    data-scope-request="${scopeRequest}"
    data-provider="${provider}"
  >
    <span>${text}</span>
  </button>`
}
