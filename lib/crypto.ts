/** @module passport-civic-sip/crypto */

export { canonicalJson } from './json.ts'
export { privateKey, privateKeyHex, publicKey, publicKeyHex } from './keys.ts'
export { openPayload, requestExtension, sealPayload } from './payload.ts'
export { signToken } from './sign-token.ts'
export { verifyToken } from './token.ts'
export type { KeyInput } from './keys.ts'
export type { Claims, ExpectedClaims } from './token.ts'
