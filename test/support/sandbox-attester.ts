import type { Sandbox } from 'civic-sip-sandbox'
import { attest, attesterAt } from './attesting.ts'
import type { AttesterCalls, Attesting, Wish, WalletKey } from './attesting.ts'

export const EMAIL = 'contact.personal.email'
export const PHONE = 'contact.personal.phoneNumber'

/** An answer of the attester, with its HTTP status. */
export type Reply = Readonly<Record<string, unknown>> & { readonly status: number; readonly message?: string }

/** Calls the sandbox's attester: `call` is the method and the path below `/attester`. */
export async function callAttester(
  sandbox: Sandbox,
  call: string,
  body?: unknown,
  headers: Record<string, string> = {},
): Promise<Reply> {
  const [method = '', path = ''] = call.split(' ')
  const response = await fetch(`${sandbox.url}/attester${path}`, {
    method,
    headers: { 'Content-Type': 'application/json', ...headers },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  })
  return { ...((await response.json()) as object), status: response.status }
}

/** The attester as a wallet calls it. */
export function attesterOf(sandbox: Sandbox): AttesterCalls {
  return attesterAt(async <T>(call: string, body?: object) => {
    const { status, ...reply } = await callAttester(sandbox, call, body)
    if (status >= 300) throw new Error(`${status}: ${reply.message ?? ''}`)
    return reply as T
  }, '')
}

/** The newest message in the mailbox to an address. */
export async function mailTo(sandbox: Sandbox, address: string): Promise<string> {
  const mails = (await (await fetch(`${sandbox.url}/sandbox/api/mail`)).json()) as {
    to: string
    text: string
  }[]
  return mails.find(({ to }) => to === address)!.text
}

/** Has a code sent to an address, and takes it out of the mailbox. */
export async function codeFor(sandbox: Sandbox, { xpub }: WalletKey, value: string): Promise<string> {
  const { status, message } = await callAttester(sandbox, 'POST /codes', { xpub, label: EMAIL, value })
  if (status !== 202) throw new Error(`${status}: ${message ?? ''}`)
  return /\b\d{6}\b/.exec(await mailTo(sandbox, value))![0]
}

/** Has claims attested the way of the wallet page, with a code where there is an email address among them. */
export async function attested(sandbox: Sandbox, key: WalletKey, { set, claims }: Wish): Promise<Attesting> {
  const email = claims[EMAIL]
  const codes = email === undefined ? {} : { [EMAIL]: await codeFor(sandbox, key, email) }
  return attest(attesterOf(sandbox), { set, claims, codes }, key)
}
