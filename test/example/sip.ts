import { generateKeyPairSync, randomBytes, randomUUID } from 'node:crypto'
import type { KeyObject } from 'node:crypto'
import type { CivicStrategyOptions, FetchInit, UserDataItem } from 'passport-civic-sip'
import { sealPayload, signToken } from 'passport-civic-sip/crypto'

type Item = Pick<UserDataItem, 'label' | 'value' | 'isValid' | 'isOwner'>

interface TokenOptions {
  readonly userId?: string
  readonly items?: readonly Item[]
  /** Seconds ago that it was issued. */
  readonly age?: number
}

/** A SIP within the process that says what a test wants of a person, also that their data does not hold. */
export class ScriptedSip {
  readonly #appId = 'scripted'
  readonly #appSecret = randomBytes(16).toString('hex')
  readonly #app = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  readonly #sip = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  readonly #answers = new Map<string, object>()

  readonly civic: CivicStrategyOptions = {
    appId: this.#appId,
    appSecret: this.#appSecret,
    prvKey: this.#app.privateKey,
    sipPublicKey: this.#sip.publicKey,
    fetch: (_url: string, { body }: FetchInit) => Promise.resolve(this.#exchange(String(body))),
  }

  /** @returns an authorization code token that is exchanged for these items */
  token({ userId = randomBytes(32).toString('hex'), items = [], age = 0 }: TokenOptions = {}): string {
    const token = this.#sign({ codeToken: randomUUID() }, age)
    const data = this.#sign(sealPayload(JSON.stringify(items), this.#appSecret), 0)
    this.#answers.set(token, { data, userId, encrypted: true, alg: 'aes' })
    return token
  }

  #sign(data: unknown, age: number): string {
    const iat = Date.now() / 1000 - age
    const identity = { iss: 'civic-sip-hosted-service', aud: 'https://api.civic.com/sip/', sub: this.#appId }
    const key: KeyObject = this.#sip.privateKey
    return signToken({ jti: randomUUID(), iat, exp: iat + 1800, ...identity, data }, key)
  }

  #exchange(body: string): Response {
    const { authToken } = JSON.parse(body) as { authToken: string }
    const answer = this.#answers.get(authToken)
    return Response.json(answer ?? { message: 'no such code' }, { status: answer ? 200 : 400 })
  }
}

/** An item of data. */
export function item(label: string, value: unknown, flags: Partial<Item> = {}): Item {
  return {
    label,
    value,
    isValid: true,
    isOwner: true,
    ...flags,
  }
}
