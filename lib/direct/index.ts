/** @module passport-civic-sip/direct */

export { AnswerRefused } from './answer-refused.ts'
export { createOneTimeKey, openAnswer, readSealedAnswer, type SealedAnswer } from './answer-jwe.ts'
export type { DirectOptions, Proximity } from './options.ts'
export { DirectRequests } from './requests.ts'
export { REQUEST_TOKEN_SECONDS, signRequestToken, verifyRequestToken, wellKnownKey } from './request-token.ts'
export type { Handler } from './routes.ts'
export { MemoryDirectStore, RedisDirectStore } from './store.ts'
export type { DirectRedis, DirectStore, RedisDirectStoreOptions } from './store.ts'
export { readAnswer, verifyAnswer } from './verify-answer.ts'
export type { AnswerItem, AskedRequest, Trust, VerifiedAnswer } from './verify-answer.ts'
export { ANSWER_TYPE, NO_DATA, REQUEST_TOKEN_TYPE, WALLET_AUDIENCE, WELL_KNOWN_PATH } from './wire.ts'
export type * from './wire.ts'
