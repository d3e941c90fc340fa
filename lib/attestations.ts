import type { CivicUser, Opened } from './answer.ts'
import type { Deadline } from './deadline.ts'
import { CivicError } from './errors.ts'
import { hasMethods, isPlainObject } from './objects.ts'
import type { Settings } from './options.ts'
import { isOrigin } from './origin.ts'
import type { ReplayStore } from './replay.ts'
import { requireKnown, requireThat } from './require.ts'

/**
 * The methods of a blockchain that are used. `EsploraLedger` and `EmbeddedLedger` of `civic-attestations` have them.
 */
export interface LedgerLike {
  txHex(txid: string): Promise<string | undefined>
  txStatus(txid: string): Promise<{ confirmed: boolean; block_height?: number }>
  outspend(txid: string, vout: number): Promise<{ spent: boolean }>
  tipHeight(): Promise<number>
}

/** Which authorities and pages to trust. */
export interface AttestationsOption {
  /** The chain that attestations are anchored in. */
  ledger: LedgerLike
  /** The xpubs of the trusted authorities. */
  authorities: readonly string[]
  /** The exact origins of the site's pages, such as `https://www.example.org`. */
  origins: readonly string[]
}

/** The option, checked and normalised. */
export interface AttestationSettings extends Readonly<AttestationsOption> {
  /** The origin of the SIP that signs the requests. */
  readonly issuer: string
}

/** @throws TypeError naming the part that is wrong */
export function readAttestations(
  input: AttestationsOption | undefined,
  audience: string,
): AttestationSettings | undefined {
  if (input === undefined) return undefined
  requireThat(isPlainObject(input), 'attestations must be an object with ledger, authorities and origins')
  requireKnown(input, ['ledger', 'authorities', 'origins'], 'attestations')
  const { ledger, authorities, origins } = input
  requireThat(
    hasMethods(ledger, 'txHex', 'txStatus', 'outspend', 'tipHeight'),
    'attestations.ledger must be a ledger of civic-attestations',
  )
  requireThat(
    Array.isArray(authorities) && authorities.every((xpub) => typeof xpub === 'string'),
    'attestations.authorities must be an array of xpubs',
  )
  requireThat(
    Array.isArray(origins) && origins.length > 0 && origins.every(isOrigin),
    'attestations.origins must be an array of exact origins, such as https://www.example.org',
  )
  requireThat(URL.canParse(audience), 'audience must be a URL where attestations are verified')
  return {
    ledger,
    authorities: [...authorities],
    origins: [...(origins as string[])],
    issuer: new URL(audience).origin,
  }
}

/**
 * Verifies the second form of a response.
 *
 * @param used remembers the approvals that were used
 * @throws CivicError
 */
export type VerifyAttested = (
  opened: Opened,
  settings: Settings,
  used: ReplayStore,
  deadline: Deadline,
) => Promise<CivicUser>

/** Kept out of `import()`: a bundler would follow a literal to civic-attestations, which few sites have. */
const VERIFIER = './direct/attested-answer.ts'

/**
 * Loads the verification, which uses the Direct option's and `civic-attestations`.
 *
 * @throws CivicError `CIVIC_UNAVAILABLE`, before anything is sent to SIP
 */
export async function loadVerifier(file = VERIFIER): Promise<VerifyAttested> {
  try {
    /* c8 ignore next -- tsx, which runs the tests, compiles import() to a branch */
    const module = (await import(/* webpackIgnore: true */ file)) as { verifyAttested: VerifyAttested }
    return module.verifyAttested
  } catch {
    throw new CivicError(
      'CIVIC_UNAVAILABLE',
      'The option attestations needs civic-attestations: npm install civic-attestations, and leave it and passport-civic-sip out of a bundle',
      { reason: 'ledger', retryable: true },
    )
  }
}
