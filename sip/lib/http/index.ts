/** @module civic-sip-server/http */

export { checkKnown, HttpError, InputError, jsonBody, onlyMethod } from './http.ts'
export { fields, listOf, options, parsedBy, read } from './read.ts'
export { sameOriginOnly } from './safety.ts'
export { walletSite } from './wallet-site.ts'
export type { WalletConfig, WalletSiteOptions } from './wallet-site.ts'
