/**
 * Passkeys that unlock the wallet: by the PRF extension of WebAuthn Level 3 a passkey makes the same
 * 32 secret bytes of the same salt, on a device that has verified its owner.
 */
import { random } from './sealing.ts'

export interface Passkey {
  readonly credentialId: Uint8Array<ArrayBuffer>
  readonly salt: Uint8Array<ArrayBuffer>
  /** The passkey's secret for the salt. */
  readonly secret: Uint8Array<ArrayBuffer>
}

const NAME = 'Civic wallet'
/** ES256 and RS256. Every authenticator has one of them. */
const ALGORITHMS = [-7, -257]
const NO_PRF =
  'This browser or device cannot unlock a wallet with a passkey: it lacks the PRF extension. ' +
  'Your passphrase stays the way in. You can delete the passkey “Civic wallet” from your device.'

/** Whether the browser has passkeys. Only a passkey itself shows whether it has the PRF extension. */
export function hasPasskeys(): boolean {
  return isSecureContext && 'PublicKeyCredential' in globalThis
}

/** @throws Error in words for people */
export async function createPasskey(): Promise<Passkey> {
  const salt = random(32)
  const created = await fromPerson(() =>
    navigator.credentials.create({
      publicKey: {
        // No server checks it: the passkey only has to derive the same secret again
        challenge: random(32),
        rp: { name: NAME },
        user: { id: random(16), name: NAME, displayName: NAME },
        pubKeyCredParams: ALGORITHMS.map((alg) => ({ type: 'public-key', alg })),
        authenticatorSelection: { residentKey: 'preferred', userVerification: 'required' },
        extensions: { prf: { eval: { first: salt } } },
      },
    }),
  )
  const credentialId = new Uint8Array(created.rawId)
  const { prf } = created.getClientExtensionResults()
  if (prf?.enabled !== true) throw new Error(NO_PRF)
  // Many authenticators derive the secret only when the passkey is used
  const secret = secretOf(created) ?? (await askPasskey({ credentialId, salt }))
  return { credentialId, salt, secret }
}

/**
 * A passkey's secret for its salt, after the device has verified the person.
 * @throws Error in words for people
 */
export async function askPasskey({
  credentialId,
  salt,
}: Pick<Passkey, 'credentialId' | 'salt'>): Promise<Uint8Array<ArrayBuffer>> {
  const used = await fromPerson(() =>
    navigator.credentials.get({
      publicKey: {
        challenge: random(32),
        allowCredentials: [{ type: 'public-key', id: credentialId }],
        userVerification: 'required',
        extensions: { prf: { eval: { first: salt } } },
      },
    }),
  )
  const secret = secretOf(used)
  if (!secret) throw new Error(NO_PRF)
  return secret
}

function secretOf(credential: PublicKeyCredential): Uint8Array<ArrayBuffer> | undefined {
  const first = credential.getClientExtensionResults().prf?.results?.first
  return first && new Uint8Array(first as ArrayBuffer)
}

async function fromPerson(ask: () => Promise<Credential | null>): Promise<PublicKeyCredential> {
  const credential = await ask().catch(() => null)
  if (credential) return credential as PublicKeyCredential
  throw new Error('The passkey was not used. Try again, or use your passphrase.')
}
