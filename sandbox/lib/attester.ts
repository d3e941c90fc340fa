import { createHash } from 'node:crypto'
import { AttestationError, type Leaf, type Subject, type Tree } from 'civic-attestations'
import { Labels } from 'passport-civic-sip/user-data'
import { HttpError } from './http.ts'
import { type Issuance, type Issuer } from './issuer.ts'
import { type Mailbox } from './mailbox.ts'
import { ATTESTATION_SETS, setOf, type AttestationSet, type IssueBody } from './wallet-core.ts'
import { parseXpub } from './xpub.ts'

const ADDRESS = /^[^\s@]{1,64}@[^\s@]{1,190}$/
const JPEG = Buffer.from([0xff, 0xd8])
const MAX_LABELS = 32
const DATE = /^\d{4}-\d{2}-\d{2}$/
const DATES = [Labels.DOCUMENT_DATE_OF_BIRTH, Labels.DOCUMENT_DATE_OF_ISSUE, Labels.DOCUMENT_DATE_OF_EXPIRY]

/**
 * The issuing step as a wallet sees it: verify an e-mail address by a code, or a document by its picture, then
 * have it attested.
 */
export class Attester {
  readonly #issuer: Issuer
  readonly #mailbox: Mailbox
  readonly #clock: () => number

  constructor(issuer: Issuer, mailbox: Mailbox, clock: () => number) {
    this.#issuer = issuer
    this.#mailbox = mailbox
    this.#clock = clock
  }

  /** Sends a code to the address, which only the wallet of this key can use. @throws HttpError 400 */
  sendCode(xpub: unknown, email: unknown): void {
    if (typeof email !== 'string' || !ADDRESS.test(email))
      throw new HttpError(400, 'email: an e-mail address')
    this.#mailbox.sendCode(parseXpub(xpub), email)
  }

  /**
   * @param body what `issueRequest` made
   * @param emailCode the code that came to the e-mail address among the claims
   * @throws HttpError 400 if the body is not that, 403 if what it claims is not proven
   */
  request(body: unknown, emailCode: unknown): Issuance {
    const { label, tree, subject } = parse(body)
    const claims = new Map(tree.leaves.map((leaf) => [leaf.label, leaf.value]))
    if (claims.size !== tree.leaves.length || ![...claims.keys()].every((name) => setOf(name) === label)) {
      throw new HttpError(400, `tree: each label once, and only such as belong to ${label}`)
    }
    if (!tree.leaves.every((leaf) => leaf.nonce !== undefined))
      throw new HttpError(400, 'tree: each leaf has a nonce')
    this.#checkClaims(label, claims, parseXpub(subject.xpub), emailCode)
    try {
      return this.#issuer.issue({ label, tree, subject })
    } catch (error) {
      if (error instanceof AttestationError) throw new HttpError(400, `${error.message} (${error.code})`)
      throw error
    }
  }

  #checkClaims(
    set: AttestationSet,
    claims: ReadonlyMap<string, string>,
    publicKey: string,
    emailCode: unknown,
  ): void {
    const refuse = (message: string): HttpError => new HttpError(403, message)
    if (
      set === 'attCivicBasic' &&
      !this.#mailbox.redeem(publicKey, claims.get(Labels.EMAIL) ?? '', emailCode)
    ) {
      throw refuse(
        'the code is not the one that was sent to this e-mail address: see the mailbox of the dashboard',
      )
    }
    if (set !== 'attCivicIdentity') return
    for (const label of DATES) {
      const date = claims.get(label)
      if (date !== undefined && !(DATE.test(date) && Date.parse(date)))
        throw refuse(`${label}: a date, YYYY-MM-DD`)
    }
    const expiry = claims.get(Labels.DOCUMENT_DATE_OF_EXPIRY)
    if (expiry !== undefined && Date.parse(expiry) < this.#clock()) throw refuse('the document is expired')
    const image = claims.get(Labels.DOCUMENT_IMAGE) ?? ''
    const bytes = Buffer.from(image, 'base64')
    if (bytes.toString('base64') !== image || !bytes.subarray(0, 2).equals(JPEG)) {
      throw refuse('the picture of the document is not a JPEG in base64')
    }
    if (claims.get(Labels.DOCUMENT_IMAGE_MD5) !== createHash('md5').update(bytes).digest('hex')) {
      throw refuse(`${Labels.DOCUMENT_IMAGE_MD5}: the MD5 of the picture`)
    }
  }
}

/** The body as far as it is read here; `issue` checks the rest of tree and subject. */
function parse(body: unknown): IssueBody {
  const { label, tree, subject } = (body ?? {}) as Partial<Record<keyof IssueBody, unknown>>
  const leaves: unknown = (tree as Partial<Tree> | undefined)?.leaves
  const isLeaf = (leaf: unknown): boolean =>
    typeof (leaf as Partial<Leaf> | null)?.label === 'string' && typeof (leaf as Leaf).value === 'string'
  if (!subject || !Array.isArray(leaves) || leaves.length > MAX_LABELS || !leaves.every(isLeaf)) {
    throw new HttpError(400, 'label, tree and subject, as a wallet makes them')
  }
  if (typeof label !== 'string' || !Object.hasOwn(ATTESTATION_SETS, label)) {
    throw new HttpError(400, `label: one of ${Object.keys(ATTESTATION_SETS).join(', ')}`)
  }
  return { label: label as AttestationSet, tree: tree as Tree, subject: subject as Subject }
}
