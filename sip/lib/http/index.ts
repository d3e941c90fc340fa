/** @module civic-sip-server/http */

export { checkKnown, HttpError, InputError, jsonBody, onlyMethod } from './http.ts'
export { parsedBy, read } from './read.ts'
export { parseHostName, sameOriginOnly } from './safety.ts'
export { fields, listOf, options } from './schema.ts'
export { walletSite } from './wallet-site.ts'
export type { WalletConfig, WalletSiteOptions } from './wallet-site.ts'
