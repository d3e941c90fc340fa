import { fieldsOf, isUuid, textOf } from '../lib/messages.ts'
import type { Fields } from '../lib/messages.ts'
import { parameter, requestsUrl } from './address.ts'
import { isVerifier } from './verifier.ts'

/** What the site wants, whichever generation of CivicJS says it. */
export interface Options {
  appId: string
  /** Empty where `attributes` say it. */
  verificationLevel: string
  attributes: unknown
  isMobile: boolean
  hideIntro: boolean
  /** Whether the page around this one has a button that closes it. */
  hasClose: boolean
  /** Where the request is polled. */
  requestsUrl: string
  /** A request to take up again, and the verifier if the page kept it. */
  uuid: string | undefined
  /** What a wallet on this device brought back with the uuid. */
  responseCode: string | undefined
  verifier: string | undefined
  /** Where the site's own server makes the requests; undefined where a SIP does. */
  direct: { confirm: boolean } | undefined
}

/**
 * The options of the page's handshake, `qrCode:scopeOptions`.
 * @param mount where this page's own site has the routes of the Direct option, if it does
 */
export function optionsOf(message: unknown, mount?: string): Options {
  const options: Fields = fieldsOf(message)
  const isDirect = mount !== undefined && options.direct !== undefined
  const { uuid, responseCode } = broughtBack(textOf(options.uuid))
  return {
    appId: textOf(options.appId),
    verificationLevel: textOf(options.verificationLevel),
    attributes: options.attributes,
    isMobile: options.isMobile === true,
    hideIntro: options.hideIntro === true,
    hasClose: options.hasClose === true,
    requestsUrl: isDirect ? mount : requestsUrl(textOf(options.api)),
    uuid,
    responseCode,
    verifier: isVerifier(options.verifier) ? options.verifier : undefined,
    direct: isDirect ? { confirm: fieldsOf(options.direct).confirm !== false } : undefined,
  }
}

/** The options in the address, by CivicJS of 2017, which says nothing after that. */
export function optionsOfAddress(): Options {
  const { uuid, responseCode } = broughtBack(parameter('uuid') ?? '')
  return {
    appId: parameter('appId') ?? '',
    verificationLevel: (parameter('verificationLevel') ?? '') || 'civicBasic',
    attributes: undefined,
    isMobile: parameter('isMobile') === 'true',
    hideIntro: false,
    hasClose: false,
    requestsUrl: requestsUrl(parameter('api')),
    uuid,
    responseCode,
    verifier: undefined,
    direct: undefined,
  }
}

/** The way back's `{uuid}` or `{uuid}.{response code}`, as the page hands it on. */
function broughtBack(text: string): Pick<Options, 'uuid' | 'responseCode'> {
  const [uuid, responseCode] = text.split('.')
  return isUuid(uuid) ? { uuid, responseCode } : { uuid: undefined, responseCode: undefined }
}
