import type { Direct } from './direct.ts'

/** What a CivicJS instance was made with, complete. */
export interface Settings {
  appId: string
  /** `{api}{stage}/{version}/scopeRequest`; Direct: where the site makes requests. */
  requestUrl: string
  /** The iframe page, absolute. */
  frameUrl: string
  hideIntro: boolean
  /** Undefined where a SIP makes the requests. */
  direct?: Direct
}
