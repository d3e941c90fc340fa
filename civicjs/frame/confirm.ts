/** The field for the wallet's code, which proves that the person who approved uses this browser. */
import { tell } from './tell.ts'
import { byId, show } from './view.ts'

/** Calls `done` with the six digits that the person typed. */
export function onConfirm(done: (digits: string) => void): void {
  byId('confirm-form').addEventListener('submit', (event) => {
    event.preventDefault()
    // Wallets show the digits in groups, and people copy the space
    const digits = field().value.replace(/[\s-]/g, '')
    if (/^\d{6}$/.test(digits)) done(digits)
    else showWrong('Type all six digits.')
  })
}

/** Clears the field, and shows what was wrong with the last digits, if anything. */
export function askForDigits(wrong: string): void {
  field().value = ''
  showWrong(wrong)
}

/** An approved request of a SIP, and how this browser can prove that the person who approved uses it. */
export interface Approved {
  url: string
  /** Proves that this browser made the request. */
  verifier: string
  /** Whether the wallet is on this device. */
  isLink: boolean
  /** The response code that the wallet brought back. */
  responseCode: string | undefined
}

export interface Proving {
  /** The server has accepted the proof. */
  right: () => void
  /** The response code belongs to another login. */
  refused: () => void
  /** The request accepts no more codes. */
  over: () => void
  /** The page to which the wallet returns will continue. */
  elsewhere: () => void
}

let current: { approved: Approved; proving: Proving } | undefined

/** Sends a SIP the code that it waits for (docs/protocol.md#poll). */
export function proveBrowser(approved: Approved, proving: Proving): void {
  const { url, verifier, isLink, responseCode } = approved
  if (responseCode !== undefined) {
    const { right, refused, over } = proving
    const done = (status: number): void => (status === 200 ? right : isOver(status) ? over : refused)()
    tell(`${url}/confirm`, verifier, { responseCode }, done)
  } else if (isLink) {
    // Otherwise this page would get the token as well as the one to which the wallet returns
    proving.elsewhere()
  } else {
    current = { approved, proving }
    show('confirm')
    askForDigits('')
  }
}

/** Sends a SIP the digits that the person typed. */
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
