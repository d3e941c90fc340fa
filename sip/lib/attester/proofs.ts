import { Labels } from 'passport-civic-sip/user-data'
import { codeMessage } from './code-message.ts'
import type { CodeOwner, Codes } from './codes.ts'
import type { Mailer, Texter } from './mailer.ts'

/** An address, and the key whose owner claims it. */
export interface Claimant extends CodeOwner {
  readonly label: string
}

/** Sends codes to addresses, and checks them. */
export interface Proofs {
  /** Whether codes reach email addresses. */
  readonly sendsEmails: boolean
  /** Whether codes reach phones. */
  readonly sendsTexts: boolean
  /**
   * @param host the host of the requesting wallet, if known
   * @throws HttpError 429, 503
   */
  send(claimant: Claimant, host: string | undefined): Promise<void>
  /** Whether a code is the live one, which is then used up. @throws HttpError 429, 503 */
  redeem(claimant: Claimant, code: unknown): Promise<boolean>
  /** Whether every tree needs new codes, because another program counts them. */
  readonly isStrict: boolean
  sweep(): Promise<void>
}

/** Codes that this process sends and checks. */
export class OwnProofs implements Proofs {
  readonly isStrict = false
  readonly #codes: Codes
  readonly #mailer: Mailer | undefined
  readonly #texter: Texter | undefined

  constructor({
    codes,
    mailer,
    texter,
  }: {
    readonly codes: Codes
    readonly mailer: Mailer | undefined
    readonly texter?: Texter | undefined
  }) {
    this.#codes = codes
    this.#mailer = mailer
    this.#texter = texter
  }

  get sendsEmails(): boolean {
    return this.#mailer !== undefined
  }

  get sendsTexts(): boolean {
    return this.#texter !== undefined
  }

  async send(claimant: Claimant, host: string | undefined): Promise<void> {
    const { code, until } = await this.#codes.make(claimant)
    const { subject, text, html } = codeMessage(code, host)
    const to = claimant.address
    if (claimant.label === Labels.PHONE_NUMBER) await this.#texter?.send({ to, text, until })
    else await this.#mailer?.send({ to, subject, text, html, until })
  }

  redeem(claimant: Claimant, code: unknown): Promise<boolean> {
    return this.#codes.redeem(claimant, code)
  }

  sweep(): Promise<void> {
    return this.#codes.sweep()
  }
}
