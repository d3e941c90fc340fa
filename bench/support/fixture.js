import { generateKeyPairSync, randomBytes, randomUUID } from 'node:crypto'
import { privateKey, privateKeyHex, publicKeyHex, sealPayload, signToken } from 'passport-civic-sip/crypto'

const newKey = () => privateKeyHex(generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey)

/** An app and a SIP with genuine keys, as text, so that they can be sent to another process. */
export function createFixture() {
  const sipPrvKey = newKey()
  return {
    appId: 'bench1234',
    appSecret: randomBytes(16).toString('hex'),
    prvKey: newKey(),
    sipPrvKey,
    sipPublicKey: publicKeyHex(privateKey(sipPrvKey)),
  }
}

/** The part for the partner's server: the options of every client. */
export function clientOptions({ appId, appSecret, prvKey, sipPublicKey }, api) {
  return { appId, appSecret, prvKey, sipPublicKey, api }
}

/** Makes tokens signed by SIP. */
export function createSigner({ appId, appSecret, sipPrvKey }, api) {
  const key = privateKey(sipPrvKey)
  const claims = (changes) => {
    const iat = Date.now() / 1000
    const times = { iat, exp: iat + 1800 }
    return { jti: randomUUID(), ...times, iss: 'civic-sip-hosted-service', aud: api, sub: appId, ...changes }
  }
  const codeToken = (changes) => signToken(claims({ data: { codeToken: randomUUID() }, ...changes }), key)
  return {
    codeToken,
    codeTokens: (count) => Array.from({ length: count }, () => codeToken()),
    /** SIP's 200 for an invented person, with a document image of `imageBytes` bytes, if any. */
    answer(imageBytes = 0) {
      const person = randomBytes(32)
      const item = (label, value) => ({ label, value, isValid: true, isOwner: true })
      const items = [
        item('contact.personal.email', `${person.toString('hex', 0, 4)}@example.org`),
        item('contact.personal.phoneNumber', '+1 555 0100'),
      ]
      if (imageBytes > 0) {
        items.push(item('documents.genericId.image', randomBytes(imageBytes).toString('base64')))
      }
      const data = signToken(claims({ data: sealPayload(JSON.stringify(items), appSecret) }), key)
      return { data, userId: person.toString('hex'), encrypted: true, alg: 'aes' }
    },
  }
}
