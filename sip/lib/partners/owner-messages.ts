import type { App } from '../apps/apps.ts'
import type { OwnerMessage } from './owner-mail.ts'

/** No message contains a key: anybody can forge an email, and sites trust the key that they set. */
const NO_KEY = 'This email contains no key, because anybody can forge an email. Copy it from the dashboard:'

/** The parts of an operator's decision about an app that owners are told. */
export interface Decided {
  readonly suspended?: boolean | undefined
  readonly environment?: string | undefined
}

/** The emails to owners about the server at this origin. */
export class OwnerMessages {
  readonly #url: string
  readonly #host: string

  constructor(url: string) {
    this.#url = url
    this.#host = new URL(url).host
  }

  keyPublished(pubKey: string): OwnerMessage {
    return {
      ...this.#message(`Add the next public key of ${this.#host} to your sites`, [
        `${this.#host} will sign its tokens with a new key, in 30 days at the earliest. Set both keys on your sites: sipPublicKey: [current, next]. Until then, nothing changes.`,
        `Once the new key signs, nobody can log in at a site that has not set it.`,
        `${NO_KEY} ${this.#url}/`,
      ]),
      occasion: `published ${pubKey}`,
    }
  }

  keySignsSoon(pubKey: string): OwnerMessage {
    return {
      ...this.#message(`In a week, ${this.#host} may sign with its next key`, [
        `If your sites already have both keys, sipPublicKey: [current, next], you have nothing to do. Nobody can log in at a site that has not set the next key once it signs.`,
        `${NO_KEY} ${this.#url}/`,
      ]),
      occasion: `soon ${pubKey}`,
    }
  }

  keySigns(pubKey: string): OwnerMessage {
    return {
      ...this.#message(`${this.#host} now signs with its next key`, [
        `If nobody can log in at your site, set both keys of the dashboard as sipPublicKey.`,
        `${NO_KEY} ${this.#url}/`,
      ]),
      occasion: `signs ${pubKey}`,
    }
  }

  keysReplaced(pubKey: string): OwnerMessage {
    return {
      ...this.#message(`Set the new keys of ${this.#host} now`, [
        `${this.#host} has replaced its key and the secrets of all apps, because somebody may have read them. Nobody can log in at your sites until you set the new sipPublicKey and appSecret. Remove the old ones.`,
        `${NO_KEY} ${this.#url}/`,
      ]),
      occasion: `replaced ${pubKey}`,
    }
  }

  domainLost({ name, appId }: App, host: string): OwnerMessage {
    return this.#message(`The proof of ${host} is gone`, [
      `For a week, the server has not found the proof that you control ${host}. The app ${name} (${appId}) can no longer be used there.`,
      `Publish the proof again and check it in the dashboard: ${this.#url}/`,
    ])
  }

  reviewDecided({ name, appId }: App, isApproved: boolean): OwnerMessage {
    return this.#message(`Your request for ${name} was ${isApproved ? 'approved' : 'refused'}`, [
      `An operator ${isApproved ? 'approved' : 'refused'} what you asked for the app ${name} (${appId}).`,
      `The dashboard shows ${isApproved ? 'the app' : 'the reason'}: ${this.#url}/`,
    ])
  }

  /**
   * @param before the app before the decision
   * @returns undefined if nothing changes for the people who log in with it
   */
  appDecided(before: App, { suspended, environment }: Decided): OwnerMessage | undefined {
    const { name, appId, isSuspended = false } = before
    const done = [
      suspended === true && !isSuspended && 'suspended',
      suspended === false && isSuspended && 'no longer suspended',
      environment !== undefined && environment !== before.environment && `a ${environment} app`,
    ].filter((each) => each !== false)
    if (done.length === 0) return undefined
    const now = done.join(', and ')
    return this.#message(`${name} is now ${now}`, [
      `An operator changed the app ${name} (${appId}). It is now ${now}.`,
      `The dashboard shows the app: ${this.#url}/`,
    ])
  }

  #message(subject: string, paragraphs: readonly string[]): OwnerMessage {
    const why = `You get this email because you own a partner at ${this.#host}. Change or remove your address on the team page.`
    return { subject, text: `${[...paragraphs, why].join('\n\n')}\n` }
  }
}
