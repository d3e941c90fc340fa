/** The field for the code by which this browser shows that it is the one of the person who approved. */
import { tell } from './tell.ts'
import { byId, show } from './view.ts'

/** Calls `done` with the six digits that the person types. */
export function onConfirm(done: (digits: string) => void): void {
  byId('confirm-form').addEventListener('submit', (event) => {
    event.preventDefault()
    // Wallets show the digits in groups, and people copy them so
    const digits = field().value.replace(/[\s-]/g, '')
    if (/^\d{6}$/.test(digits)) done(digits)
    else showWrong('Type all six digits.')
  })
}

/** Makes the field ready, with what was wrong with the digits before, if anything was. */
export function askForDigits(wrong: string): void {
  field().value = ''
  showWrong(wrong)
}

/** An approved request of a SIP, and by what this browser can show that it is theirs who approved. */
export interface Approved {
  url: string
  /** Shows that this browser asked. */
  verifier: string
  /** Whether the wallet is on this device. */
  isLink: boolean
  /** What it brought back. */
  responseCode: string | undefined
}

export interface Proving {
  /** The server knows that this is the browser. */
  right: () => void
  /** What the wallet brought back is of another login. */
  refused: () => void
  /** The request takes no more codes. */
  over: () => void
  /** The page that the wallet leads back to goes on. */
  elsewhere: () => void
}

let current: { approved: Approved; proving: Proving } | undefined

/** Brings a SIP the code that it waits for (docs/protocol.md#poll). */
export function proveBrowser(approved: Approved, proving: Proving): void {
  const { url, verifier, isLink, responseCode } = approved
  if (responseCode !== undefined) {
    const { right, refused, over } = proving
    const done = (status: number): void => (status === 200 ? right : isOver(status) ? over : refused)()
    tell(`${url}/confirm`, verifier, { responseCode }, done)
  } else if (isLink) {
    // This page would get the token as well as the one that the wallet leads to
    proving.elsewhere()
  } else {
    current = { approved, proving }
    show('confirm')
    askForDigits('')
  }
}

/** Brings a SIP the digits that the person typed. */
export function sendDigits(code: string): void {
  if (current === undefined) return
  const { approved, proving } = current
  tell(`${approved.url}/confirm`, approved.verifier, { code }, (status) => {
    if (status === 200) proving.right()
    else if (isOver(status)) proving.over()
    else if (status === 403) askForDigits('These are not the digits that your app shows. Type them again.')
    else askForDigits('The server could not be reached. Try again.')
  })
}

function isOver(status: number): boolean {
  return status === 404 || status === 410
}

function showWrong(text: string): void {
  byId('wrong').textContent = text
  field().setAttribute('aria-invalid', text === '' ? 'false' : 'true')
  field().focus()
}

function field(): HTMLInputElement {
  return byId('digits') as HTMLInputElement
}
