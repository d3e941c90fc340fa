import { finishDraft, signDraft } from 'civic-attestations'
import type { Attestation, InputSignature, Issuer as Parties } from 'civic-attestations'
import type { Claimant, Proofs } from '../attester/proofs.ts'
import { authorityKey, PATH, SignerUnavailable } from '../attester/signers.ts'
import type { Signers } from '../attester/signers.ts'
import type { ReviewerKeys } from '../documents/document-wire.ts'
import { HttpError } from '../http/http.ts'
import { COSIGNER } from '../store/stores.ts'
import type { SettingStore } from '../store/stores.ts'
import { parseSignedUrl } from '../http/signed-call.ts'
import { callHeaders } from './call.ts'
import type { CosignerFacts } from './cosigner.ts'

const DEADLINE_MS = 20_000

export interface CosignerConnection {
  /** Signs with the authority's key here and the cosigner's key there. */
  readonly signers: Signers
  /** Codes that the cosigner sends; undefined if it sends none. */
  readonly proofs?: Proofs
  /** What it asks of reviewers, as it is configured now. @throws HttpError 503 */
  readonly reviewerKeys: () => Promise<ReviewerKeys>
  readonly facts: CosignerFacts
}

export interface ConnectOptions {
  /** `https://:KEY@cosigner.example.org/` */
  readonly url: string
  /** The authority's key derives from it. */
  readonly seed: string
  /** Stores the cosigner's keys at the first start, so that no money goes to another cosigner's keys. */
  readonly settings?: Pick<SettingStore, 'once'>
  /** Milliseconds since the epoch. Default: Date.now. */
  readonly clock?: () => number
  readonly fetch?: typeof globalThis.fetch
}

/**
 * Connects to a cosigner, and returns the signers and proofs that use it.
 * @throws TypeError for a wrong URL, or if it is another cosigner than before; HttpError 503 if it cannot be reached
 */
export async function connectCosigner(options: ConnectOptions): Promise<CosignerConnection> {
  const call = callerOf(options)
  const facts = await call<CosignerFacts>('facts', {})
  const known = JSON.stringify(facts.xpubs)
  if (((await options.settings?.once(COSIGNER, known)) ?? known) !== known) {
    throw new TypeError('COSIGNER_URL: the cosigner has other keys than before')
  }
  const authority = authorityKey(options.seed)
  const [cosigner, recovery] = facts.xpubs
  const parties: Parties = {
    authority: { xpub: authority.xpub, path: PATH },
    cosigners: [{ xpub: cosigner }, { xpub: recovery }],
  }
  const signers: Signers = {
    parties,
    sign: async (draft, { trees }) => {
      const shown = trees.map(({ attestations, approval }) => ({
        attestations: attestations.map(withoutTransaction),
        approval,
      }))
      const { signatures } = await call<{ signatures: InputSignature[] }>('signatures', {
        parties,
        draft,
        trees: shown,
      }).catch(whileAway)
      return finishDraft(draft, signDraft(draft, authority.xprv, PATH), signatures)
    },
  }
  const reviewerKeys = async (): Promise<ReviewerKeys> => {
    const { needsEvidence, reviewers } = await call<CosignerFacts>('facts', {})
    return { hasCosigner: true, needsSignature: needsEvidence, keys: reviewers }
  }
  return {
    signers,
    facts,
    reviewerKeys,
    ...(facts.needsEvidence && { proofs: new RemoteProofs(call, facts) }),
  }
}

type Call = <T>(path: string, body: object) => Promise<T>

class RemoteProofs implements Proofs {
  readonly isStrict = true
  readonly sendsEmails: boolean
  readonly sendsTexts: boolean
  readonly #call: Call

  constructor(call: Call, { sendsCodes, sendsTexts }: CosignerFacts) {
    this.sendsEmails = sendsCodes
    this.sendsTexts = sendsTexts
    this.#call = call
  }

  async send(claimant: Claimant, host: string | undefined): Promise<void> {
    await this.#call('codes', { ...claimant, host })
  }

  async redeem(claimant: Claimant, code: unknown): Promise<boolean> {
    return (await this.#call<{ isProven: unknown }>('proofs', { ...claimant, code })).isProven === true
  }

  sweep(): Promise<void> {
    return Promise.resolve()
  }
}

function callerOf({ url, clock = Date.now, fetch = globalThis.fetch }: ConnectOptions): Call {
  const { target, key } = parseSignedUrl(url, 'COSIGNER_URL')
  const base = target.replace(/\/*$/, '/')
  return async (path, content) => {
    const body = Buffer.from(JSON.stringify(content))
    const response = await fetch(base + path, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json', ...callHeaders(key, path, body, clock()) },
      body,
      redirect: 'error',
      signal: AbortSignal.timeout(DEADLINE_MS),
    }).catch(() => undefined)
    if (!response || response.status >= 500) throw away()
    const json: unknown = await response.json().catch(() => undefined)
    if (response.ok) return json as never
    const { message } = (json ?? {}) as { message?: unknown }
    const why = typeof message === 'string' ? message.slice(0, 200) : 'the cosigner refuses'
    // Wallets get this status: any other one would be about this call, not about theirs
    throw new HttpError(response.status === 429 ? 429 : response.status === 403 ? 403 : 503, why)
  }
}

/** The one before is no part of what is to be signed, and stands beside each label. */
function withoutTransaction(attestation: Attestation): Attestation {
  const { attestation: attested, ...request } = attestation.attn.attestation
  const { tx: _, ...rest } = attested
  return { ...attestation, attn: { attestation: { ...request, attestation: rest } } }
}

function away(): HttpError {
  return new HttpError(503, 'the cosigner cannot be reached', { 'Retry-After': '60' })
}

/** A tree is not given up because the cosigner is away. */
function whileAway(error: unknown): never {
  if (error instanceof HttpError && error.status === 503) throw new SignerUnavailable(error.message)
  throw error
}
