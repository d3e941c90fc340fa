import { ask, Refusal } from 'civic-ui'
import type { Act } from '../lib/partners/account-wire.ts'

/**
 * What the wallet is asked for. It is stored, so that the page can continue when a wallet on the same device returns.
 */
export type Doing =
  | { readonly kind: 'login' }
  | { readonly kind: 'join'; readonly token: string; readonly name: string; readonly partnerName?: string }
  | { readonly kind: 'act' }

interface CivicSip {
  on(event: string, listener: (event: { response: string }) => void): void
  login(): void
  retry(): void
}

const DIRECT = '/sip/partners'
const BASE = '/dashboard/api'
const KEY = 'civic-partners-doing'
/** The status for a mistyped code, which the person may type again. */
const MISTYPED = 403
const RETURNED = /^#uuid=[0-9a-f-]{36}&response_code=/

let dialog: Promise<CivicSip> | undefined
let current: { resolve: (response: object) => void; reject: (error: Error) => void } | undefined

/** Whether a wallet on this device has just returned here. */
export const hasReturned: boolean = RETURNED.test(location.hash)

/** Shows the dialog that asks the person's wallet, and uses the response. */
export async function askWallet(doing: Doing): Promise<void> {
  localStorage.setItem(KEY, JSON.stringify(doing))
  // A modal dialog would cover it
  for (const open of document.querySelectorAll('dialog[open]')) (open as HTMLDialogElement).close()
  const sip = await load()
  let response = await next(() => sip.login())
  for (;;) {
    try {
      await finish(doing, response)
      return
    } catch (error) {
      if (!(error instanceof Refusal) || error.status !== MISTYPED) throw error
      response = await next(() => sip.retry())
    }
  }
}

/** Has the wallet of the logged-in person approve an act. */
export async function approveByWallet(act: Act): Promise<void> {
  await ask(`POST ${BASE}/acts`, act)
  await askWallet({ kind: 'act' })
}

/** Continues after a wallet on this device returned. @returns what it was for; undefined if that is unknown */
export async function resume(): Promise<Doing | undefined> {
  const doing = JSON.parse(localStorage.getItem(KEY) ?? 'null') as Doing | null
  const response = await next(() => void load().catch((error: unknown) => current?.reject(error as Error)))
  if (!doing) return undefined
  await finish(doing, response)
  return doing
}

async function finish(doing: Doing, response: object): Promise<void> {
  const path = { login: 'login', join: 'join', act: 'acts/approve' }[doing.kind]
  await ask(`POST ${BASE}/${path}`, { ...doing, ...response })
  localStorage.removeItem(KEY)
}

/** The next response from CivicJS. */
function next(begin: () => void): Promise<object> {
  return new Promise((resolve, reject) => {
    current = { resolve, reject }
    begin()
  })
}

/** Loads CivicJS, which removes what a wallet brought back from the address. */
function load(): Promise<CivicSip> {
  dialog ??= new Promise<CivicSip>((resolve, reject) => {
    const script = document.createElement('script')
    script.src = `${DIRECT}/js/civic.sip.min.js`
    script.onerror = () => reject(new Error('The login cannot be loaded: try again.'))
    script.onload = () => {
      const { civic } = window as unknown as {
        civic: { sip: new (options: { direct: string; hideIntro: boolean }) => CivicSip }
      }
      const sip = new civic.sip({ direct: DIRECT, hideIntro: true })
      sip.on('auth-code-received', ({ response }) => current?.resolve(JSON.parse(response) as object))
      sip.on('user-cancelled', () => current?.reject(new Error('You closed the login.')))
      sip.on('civic-sip-error', () => current?.reject(new Error('The login failed: try again.')))
      resolve(sip)
    }
    document.head.append(script)
  })
  return dialog
}
