/** @module civic-sip-server/http */

export { checkKnown, HttpError, InputError, jsonBody, onlyMethod } from './http.ts'
export { sameOriginOnly } from './safety.ts'
