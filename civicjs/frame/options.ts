import { fieldsOf, isUuid, textOf } from '../lib/messages.ts'
import type { Fields } from '../lib/messages.ts'
import { parameter, requestsUrl } from './address.ts'
import { isVerifier } from './verifier.ts'

/** The site's options, from any generation of CivicJS. */
export interface Options {
  appId: string
  /** Empty if `attributes` is set. */
  verificationLevel: string
  attributes: unknown
  isMobile: boolean
  hideIntro: boolean
  /** Whether the page around this one has a close button. */
  hasClose: boolean
  /** The base URL for polling. */
  requestsUrl: string
  /** A request to resume, and the verifier if the page kept it. */
  uuid: string | undefined
  /** The response code that a wallet on this device brought back with the uuid. */
  responseCode: string | undefined
  verifier: string | undefined
  /** Set if the site's own server makes the requests; undefined with a SIP. */
  direct: { confirm: boolean } | undefined
}

/**
 * The options of the page's handshake, `qrCode:scopeOptions`.
 * @param mount the path of the Direct option's routes on this page's site, if it has them
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

/** The options in the address, from CivicJS of 2017, which sends no messages. */
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

/** Splits `{uuid}` or `{uuid}.{response code}`, which the page passes on when the wallet returns. */
function broughtBack(text: string): Pick<Options, 'uuid' | 'responseCode'> {
  const [uuid, responseCode] = text.split('.')
  return isUuid(uuid) ? { uuid, responseCode } : { uuid: undefined, responseCode: undefined }
}
