import { html } from '../html.ts'
import { layout } from './layout.ts'

export function problemPage(title: string, advice: string, code: string, isLoggedIn: boolean): string {
  return layout({
    title,
    isLoggedIn,
    main: html`<section class="card problem">
      <h1 tabindex="-1" autofocus>${title}</h1>
      <p class="lead">${advice}</p>
      <p>${isLoggedIn ? toAccount : toFront}</p>
      <p class="fine">If you ask us for help, please mention <code>${code}</code>.</p>
    </section>`,
  })
}

const toFront = html`<a class="button" href="/">To the front page</a>`
const toAccount = html`<a class="button" href="/account">Back to your account</a>`
