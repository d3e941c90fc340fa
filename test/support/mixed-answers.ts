import { createHash } from 'node:crypto'
import { merkleTree, signGrant } from 'civic-attestations'
import type { Attestation, Credential, EmbeddedLedger } from 'civic-attestations'
import type { ResolvedAnswer } from '../../lib/direct/index.ts'
import { fundedLedger } from './issuer.ts'
import { claimsOf, clientOf, Person, requestIdOf } from './person.ts'

const EMAIL = 'contact.personal.email'
const PHONE = 'contact.personal.phoneNumber'

/** A request for BASIC_SIGNUP, with two people whose details are attested. */
export interface Case {
  readonly token: string
  readonly ada: Person
  readonly eve: Person
  /** The honest response. */
  readonly answer: ResolvedAnswer
}

/** Makes a response, or its bytes. */
export type Make = (given: Case) => unknown

export function granted(answer: ResolvedAnswer): Attestation[] {
  return answer.attestations as Attestation[]
}

/**
 * Responses that are assembled from parts, each with the status and code of its refusal.
 *
 * @param ledger where people's details are anchored
 * @param another makes another request of the same requester, and gives its token
 */
export function mixedAnswers(
  ledger: EmbeddedLedger,
  another: () => Promise<string>,
): Record<string, [Make, number, string]> {
  /** Signs a response's request again, over the current leaves. */
  const resigned = (person: Person, token: string, attestations: Attestation[]): ResolvedAnswer => {
    const site = person.keys.site(clientOf(token))
    const hash = createHash('sha256')
    for (const { data } of attestations) hash.update(data.hash, 'hex')
    const { clientId: appId, callbackUrl: url, verificationLevel: label } = claimsOf(token).data
    const requestId = requestIdOf(token, site.userKey)
    const signed = { label, data: hash.digest('hex'), appId, requestId, url }
    const { userId, userKey } = site
    return { status: 'resolved', userId, userKey, request: signGrant(signed, site.xprv), attestations }
  }

  return {
    "another's userKey with own grants": [
      ({ answer, eve: other, token }) => {
        const { userKey, userId, request } = resigned(other, token, granted(answer))
        return { ...answer, userKey, userId, request }
      },
      403,
      'GRANT_MISMATCH',
    ],
    'a userId that is not of the userKey': [
      ({ token, answer, eve: other }) => ({ ...answer, userId: other.keys.site(clientOf(token)).userId }),
      403,
      'USER_MISMATCH',
    ],
    'a userKey that is no point': [
      ({ answer }) => ({ ...answer, userKey: `02${'f'.repeat(64)}` }),
      400,
      'UNREADABLE',
    ],
    'a userKey that is not on the curve': [
      ({ answer }) => ({ ...answer, userKey: `02${'5'.padStart(64, '0')}` }),
      400,
      'UNREADABLE',
    ],
    'a userKey of another form': [
      ({ answer }) => ({ ...answer, userKey: answer.userKey.toUpperCase() }),
      400,
      'UNREADABLE',
    ],
    'a grant of another request': [
      async ({ token, ada: person }) => {
        const other = await another()
        const { attestations } = person.answer(other)
        return { ...resigned(person, token, attestations as Attestation[]), attestations }
      },
      403,
      'GRANT_MISMATCH',
    ],
    'a signature of another request': [
      async ({ answer, ada: person }) => {
        const other = await another()
        return {
          ...answer,
          request: { ...answer.request, signature: person.answer(other).request.signature },
        }
      },
      403,
      'SIGNATURE_MISMATCH',
    ],
    'a signature that is no DER': [
      ({ answer }) => ({ ...answer, request: { ...answer.request, signature: '00' } }),
      403,
      'SIGNATURE_MISMATCH',
    ],
    'another client': [
      ({ token, ada: person }) => person.answer(token, { clientId: 'https://bank.example' }),
      403,
      'REQUEST_MISMATCH',
    ],
    'another URL': [
      ({ token, ada: person }) =>
        person.answer(token, { url: `${claimsOf(token).iss}/civic/other/callback` }),
      403,
      'REQUEST_MISMATCH',
    ],
    'another level': [
      ({ token, ada: person }) => person.answer(token, { label: 'proofOfIdentity' }),
      403,
      'REQUEST_MISMATCH',
    ],
    'leaves in another order than signed': [
      ({ answer }) => ({ ...answer, attestations: answer.attestations.toReversed() }),
      403,
      'SIGNATURE_MISMATCH',
    ],
    'two people, each with one label': [
      ({ token, answer, ada: person, eve: other }) => {
        const site = person.keys.site(clientOf(token))
        const requestId = requestIdOf(token, site.userKey)
        const theirs = other.attestations.find(({ label }) => label === PHONE)!
        const { label, data } = theirs.attn.attestation.attestation.subject
        const request = signGrant(
          {
            label,
            data,
            appId: claimsOf(token).data.clientId,
            requestId,
            url: claimsOf(token).data.callbackUrl,
          },
          other.keys.subject('attCivicBasic').xprv,
        )
        const pooled = { ...theirs, attn: { attestation: { ...theirs.attn.attestation, request } } }
        return resigned(person, token, [granted(answer)[0]!, pooled])
      },
      422,
      'SUBJECT_MISMATCH',
    ],
    'a label missing': [
      ({ token, ada: person }) => person.answer(token, { attestations: [person.attestations[0]!] }),
      422,
      'LABELS',
    ],
    'nothing shared': [({ token, ada: person }) => person.answer(token, { attestations: [] }), 422, 'LABELS'],
    'a label twice': [
      ({ token, ada: person }) =>
        person.answer(token, { attestations: [...person.attestations.slice(0, 2), person.attestations[0]!] }),
      422,
      'LABELS',
    ],
    'a label more': [
      async ({ token, ada: person }) => {
        const [level] = await person.attest(ledger, { 'verifications.levels.CIVIC:IAL1': 'CIVIC:IAL1' })
        return person.answer(token, { attestations: [...person.attestations.slice(0, 2), level!] })
      },
      422,
      'LABELS',
    ],
    'a label that its leaf does not commit to': [
      ({ token, answer, ada: person }) => {
        const [email, phone] = granted(answer) as [Attestation, Attestation]
        const data = { ...phone.data }
        delete data.nonce
        return resigned(person, token, [email, { ...phone, data }])
      },
      422,
      'LABEL_UNBOUND',
    ],
    'a label attested in another set': [
      async ({ token }) => {
        const strange = await Person.attested(
          'strange',
          ledger,
          { [EMAIL]: 'eve@example.org' },
          {
            set: 'attCivicIdentity',
          },
        )
        const [email] = strange.attestations as [Attestation]
        const [phone] = await strange.attest(ledger, { [PHONE]: '+1 202 555 0100' })
        const site = strange.keys.site(clientOf(token))
        const requestId = requestIdOf(token, site.userKey)
        const give = (attestation: Attestation): Attestation => {
          const { label, data } = attestation.attn.attestation.attestation.subject
          const key = strange.keys.subject(label as 'attCivicBasic').xprv
          const request = signGrant({ label, data, appId: claimsOf(token).data.clientId, requestId }, key)
          return { ...attestation, attn: { attestation: { ...attestation.attn.attestation, request } } }
        }
        return resigned(strange, token, [give(email), give(phone!)])
      },
      422,
      'SET_MISMATCH',
    ],
    'a value that was changed': [
      ({ token, answer, ada: person }) => {
        const [email, phone] = granted(answer) as [Attestation, Attestation]
        return resigned(person, token, [
          { ...email, data: { ...email.data, value: 'eve@example.org' } },
          phone,
        ])
      },
      422,
      'LEAF_MISMATCH',
    ],
    'a leaf of another tree': [
      ({ token, answer, ada: person }) => {
        const [email, phone] = granted(answer) as [Attestation, Attestation]
        const [leaf] = merkleTree({ [EMAIL]: 'eve@example.org' }).leaves
        return resigned(person, token, [{ ...email, data: leaf! }, phone])
      },
      422,
      'PROOF_MISMATCH',
    ],
    'both forms at once, a hidden leaf in the second': [
      ({ token, answer, ada: person }) => {
        const [email, phone] = granted(answer) as [Attestation, Attestation]
        return resigned(person, token, [{ ...email, ...secondForm(phone) }, phone])
      },
      422,
      'MALFORMED',
    ],
    ...Object.fromEntries(
      ['claims', 'grantedAttestation'].map((member) => [
        `the first form and the second's ${member}`,
        [
          ({ answer }: Case) => {
            const [email, phone] = granted(answer) as [Attestation, Attestation]
            const more = secondForm(email)[member as 'claims']
            return { ...answer, attestations: [{ ...email, [member]: more }, phone] }
          },
          422,
          'MALFORMED',
        ] as [Make, number, string],
      ]),
    ),
    ...Object.fromEntries(
      ['label', 'data', 'attn'].map((member) => [
        `the second form and the first's ${member}`,
        [
          ({ answer }: Case) => {
            const [email, phone] = granted(answer) as [Attestation, Attestation]
            const both = { ...secondForm(email), [member]: email[member as 'label'] }
            return { ...answer, attestations: [both, secondForm(phone)] }
          },
          422,
          'MALFORMED',
        ] as [Make, number, string],
      ]),
    ),
    'half of either form': [
      ({ answer }) => ({ ...answer, attestations: [{ label: EMAIL, claims: [] }] }),
      422,
      'MALFORMED',
    ],
    'a leaf without a hash': [
      ({ answer }) => ({ ...answer, attestations: [{ label: EMAIL, data: { label: EMAIL } }] }),
      422,
      'MALFORMED',
    ],
    'a leaf whose hash is no hash': [
      ({ answer }) => ({ ...answer, attestations: [{ label: EMAIL, data: { label: EMAIL, hash: 'x' } }] }),
      422,
      'MALFORMED',
    ],
    'a leaf whose hash is too long': [
      ({ answer }) => {
        const [email, phone] = granted(answer) as [Attestation, Attestation]
        const data = { ...email.data, hash: `00${email.data.hash}` }
        return { ...answer, attestations: [{ ...email, data }, phone] }
      },
      422,
      'MALFORMED',
    ],
    'a leaf whose hash is a list': [
      ({ answer }) => {
        const [email, phone] = granted(answer) as [Attestation, Attestation]
        const data = { ...email.data, hash: [email.data.hash] }
        return { ...answer, attestations: [{ ...email, data }, phone] }
      },
      422,
      'MALFORMED',
    ],
    'claims that are no list': [
      ({ answer }) => ({ ...answer, attestations: [{ claims: {}, grantedAttestation: {} }] }),
      422,
      'MALFORMED',
    ],
    'an attestation that is a text': [({ answer }) => ({ ...answer, attestations: ['x'] }), 422, 'MALFORMED'],
    'an attestation that is null': [({ answer }) => ({ ...answer, attestations: [null] }), 422, 'MALFORMED'],
    'an attestation without a leaf': [
      ({ answer }) => ({ ...answer, attestations: [{ label: EMAIL }] }),
      422,
      'MALFORMED',
    ],
    'no status': [({ answer: { status: _, ...answer } }) => answer, 400, 'UNREADABLE'],
    'a member more': [({ answer }) => ({ ...answer, more: true }), 400, 'UNREADABLE'],
    'a denial with a name under it': [
      ({ answer: { userKey } }) => ({ status: 'denied', userKey }),
      400,
      'UNREADABLE',
    ],
    'more attestations than anybody has': [
      ({ answer }) => ({ ...answer, attestations: Array(65).fill(answer.attestations[0]) }),
      400,
      'UNREADABLE',
    ],
    'an array': [() => [], 400, 'UNREADABLE'],
    'an authority that the site does not trust': [
      async ({ token, ada: person }) => {
        const other = await Person.attested('other', fundedLedger())
        const strange = other.attestations.map((attestation) => {
          const { attestation: attested } = attestation.attn.attestation
          const authority = { ...attested.authority, xpub: person.keys.subject('attCivicBasic').xpub }
          return { ...attestation, attn: { attestation: { attestation: { ...attested, authority } } } }
        })
        return other.answer(token, { attestations: strange })
      },
      422,
      'UNTRUSTED_AUTHORITY',
    ],
  }
}

/** An attestation of the first form in the second one. */
export function secondForm({ data, attnData, attnLabel, attn }: Attestation): Credential {
  const { label: identifier, proof, ...leaf } = data
  return {
    attestationName: attnLabel,
    grantedAttestation: attn.attestation,
    attestationData: attnData,
    claims: [{ identifier, ...leaf, proof: { merkleTree: { nodes: proof } } }],
  }
}
