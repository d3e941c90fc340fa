import type { Direct } from './direct.ts'

/** The options of a CivicJS instance, with defaults applied. */
export interface Settings {
  appId: string
  /** `{api}{stage}/{version}/scopeRequest`; Direct: the site's route for making requests. */
  requestUrl: string
  /** The absolute URL of the iframe page. */
  frameUrl: string
  hideIntro: boolean
  /** Undefined if a SIP makes the requests. */
  direct?: Direct
}
