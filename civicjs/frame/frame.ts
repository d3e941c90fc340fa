import { isUuid, textOf } from '../lib/messages.ts'
import type { Fields } from '../lib/messages.ts'
import { parameter } from './address.ts'
import { defaultTimeoutS, showWays } from './code.ts'
import { askForDigits, onConfirm, proveBrowser, sendDigits } from './confirm.ts'
import type { Proving } from './confirm.ts'
import { directCode, mountOf } from './direct.ts'
import { askSip, hostedCode, ticket } from './hosted.ts'
import { optionsOf, optionsOfAddress } from './options.ts'
import type { Options } from './options.ts'
import { Parent } from './parent.ts'
import { Poll, pollMs } from './poll.ts'
import { tell } from './tell.ts'
import { dropVerifier, keepVerifier, newVerifier, verifierOf } from './verifier.ts'
import { Countdown, byId, fitDialog, onClick, setText, show } from './view.ts'
import { purposeOf, showChannel, unframed, usualFailure } from './words.ts'
import type { Channel } from './words.ts'

// A wallet that has read a request may still respond after the code has expired
const verifierLifetimeMs = 30 * 60_000

/** Until the first message of the site's page, these are the options of our CivicJS. */
let options: Options = optionsOf({ hasClose: true })
let verifier = ''
/** Whether the wallet is on this device and returns to the page. */
let channel: Channel = 'scan'
/** Direct: the request's uuid, and how long it can be finished after it is approved. */
let requested = { uuid: '', timeoutS: defaultTimeoutS }
/** Direct: why the page asks for the digits again. */
let wrong = ''
/** With a SIP: the response code that the wallet brought back, until it is sent. */
let responseCode: string | undefined
let poll: Poll | undefined
let countdown: Countdown | undefined
let callOff = (): void => undefined

const parent = new Parent({
  options: (given) => start(optionsOf(given, mountOf(parent.origin))),
  code: showCode,
  link: showLink,
  failed: (text) => fail(text || 'Civic did not send a code. Please try again.'),
})

function start(wanted: Options): void {
  options = wanted
  const { verificationLevel, isMobile, hideIntro, uuid } = options
  byId('close').hidden = options.hasClose
  if (options.hasClose) fitDialog((height) => parent.post({ event: 'hostedscoperequest:size', height }))
  // The server allows only the sites of the app in this page's address to frame it
  if ((parameter('appId') ?? options.appId) !== options.appId) {
    fail('This page was opened for a different app.')
    return
  }
  setText('purpose', purposeOf(verificationLevel, options.direct !== undefined))
  // Only a scanned code leads to digits, which the site may refuse
  channel = isMobile && (options.direct === undefined || uuid === undefined) ? 'link' : 'scan'
  showChannel(channel, options.direct !== undefined)
  if (options.direct !== undefined) {
    byId('qr').hidden = true
    byId('drawn').removeAttribute('hidden')
    if (uuid !== undefined) {
      wrong = 'The site did not accept those digits. Type them again.'
      requested = { uuid, timeoutS: defaultTimeoutS }
      wait(uuid, '')
      return
    }
  }

  const kept = uuid === undefined ? undefined : (options.verifier ?? verifierOf(parent.origin, uuid))
  if (uuid !== undefined && kept !== undefined) {
    show('read')
    responseCode = options.responseCode
    wait(uuid, kept)
  } else if (verificationLevel === 'proofOfIdentity' && !hideIntro) {
    show('intro')
  } else {
    fetchCode()
  }
}

/** Asks for a new code. */
function fetchCode(): void {
  stop()
  wrong = ''
  responseCode = undefined
  show('starting')
  if (options.direct !== undefined) {
    parent.post({ event: 'qrcode:fetch', data: { channel } })
    return
  }
  const made = newVerifier()
  verifier = made.verifier
  const { challenge } = made
  callOff = askSip({ options, channel, challenge, parent }, { code: showCode, link: showLink, failed: fail })
}

/** On a phone the app is on the same device and returns to the page. The original CivicJS passes on no image. */
function showLink(answer: Fields): void {
  const { uuid, parentUrl } = answer
  const asked = verifier
  if (!isUuid(uuid) || textOf(parentUrl) === '') {
    showCode(answer)
    return
  }
  // Without this the wallet returns to the site's front page
  tell(`${options.requestsUrl}/${uuid}/return`, asked, { url: parentUrl }, () => {
    if (asked === verifier) showCode(answer)
  })
}

function showCode(answer: Fields): void {
  if (options.direct !== undefined) {
    showDirectCode(answer)
    return
  }
  const code = hostedCode(answer, options)
  if (!code || verifier === '') {
    fail('Civic sent a code that cannot be shown. Please try again.')
    return
  }
  const { uuid } = code
  keepVerifier(parent.origin, uuid, verifier, verifierLifetimeMs)
  parent.post({ event: 'hostedscoperequest:verifier', uuid, verifier })
  byId('test').hidden = answer.isTest !== true
  showWays(code, channel, answer.testWallet === true)
  showUntil(uuid, verifier, code.timeoutS)
}

function showDirectCode(answer: Fields): void {
  const code = directCode(answer, channel)
  if (!code) {
    fail('The site gave a code that cannot be shown.')
    return
  }
  showWays(code, channel, false)
  requested = code
  showUntil(code.uuid, '', code.timeoutS)
}

function showUntil(uuid: string, secret: string, timeoutS: number): void {
  show('code')
  const asked = wait(uuid, secret)
  countdown = new Countdown(Date.now() + timeoutS * 1000, () => asked.finish())
}

function wait(uuid: string, secret: string): Poll {
  poll?.stop()
  let wasRead = false
  const read = (): void => {
    if (wasRead) return
    wasRead = true
    countdown?.stop()
    parent.post({ event: 'scoperequest:read' })
  }
  const url = `${options.requestsUrl}/${uuid}`
  let isProving = false
  poll = new Poll(url, secret, pollMs(options.direct !== undefined), {
    read: () => {
      if (!wasRead) show('read')
      read()
    },
    confirm: () => {
      read()
      if (isProving) return
      isProving = true
      proveBrowser({ url, verifier: secret, isLink: channel === 'link', responseCode }, proving)
    },
    answered: (action, token, text) => {
      dropVerifier(parent.origin, uuid)
      // It was read, even if polling missed that: some sites start to listen for the token at this event
      if ((action === 'data-received' || action === 'data-dispatched') && wrong === '') read()
      answer(action, token, text)
    },
    gone: () => {
      stop()
      show('expired')
    },
    refused: (text) => fail(text || 'Civic does not know this browser’s request.'),
    connection: (lost) => (byId('offline').hidden = !lost),
  })
  return poll
}

function answer(action: string, token: string, text: string): void {
  stop()
  switch (action) {
    case 'data-received':
    case 'data-dispatched':
      if (options.direct === undefined) succeed(action, token)
      else goOn(options.direct.confirm)
      break
    case 'user-cancelled':
      show('cancelled')
      // A Direct site's dialog stays open, and offers a new request
      if (options.direct === undefined) parent.post({ event: 'scoperequest:user-cancelled' })
      break
    case 'expired':
      show('expired')
      break
    case 'mobile-upgrade':
    case 'verify-error': {
      const why = text || usualFailure(action)
      fail(why)
      parent.post({ event: `scoperequest:${action}`, message: why })
      break
    }
    default:
      fail('Civic sent a response that this page does not understand. Please try again.')
  }
}

function succeed(action: 'data-received' | 'data-dispatched', response: string): void {
  stop()
  show('done')
  parent.post({ event: `scoperequest:${action}`, type: 'code', response })
}

const proving: Proving = {
  right: () => poll?.hurry(),
  refused: () => fail('This login could not be finished in this browser. Please try again.'),
  over: () => {
    stop()
    show('expired')
  },
  elsewhere: () => {
    stop()
    leadElsewhere()
  },
}

function leadElsewhere(): void {
  show('elsewhere')
  parent.post({ event: 'hostedscoperequest:elsewhere' })
}

/** Direct: the wallet has responded, and this browser proves that it made the request. */
function goOn(isConfirmed: boolean): void {
  if (channel === 'link') {
    leadElsewhere()
  } else if (isConfirmed) {
    show('confirm')
    askForDigits(wrong)
    countdown = new Countdown(Date.now() + requested.timeoutS * 1000, () => show('expired'))
  } else {
    finish()
  }
}

function finish(digits?: string): void {
  succeed('data-dispatched', JSON.stringify({ uuid: requested.uuid, confirm: digits }))
}

function fail(text: string): void {
  stop()
  setText('failure', text)
  show('failed')
}

function stop(): void {
  callOff()
  poll?.stop()
  countdown?.stop()
  byId('offline').hidden = true
}

/** The original CivicJS closes only when the person has cancelled. */
function close(): void {
  if (options.hasClose) {
    parent.post({ event: 'hostedscoperequest:close' })
  } else {
    stop()
    parent.post({ event: 'scoperequest:user-cancelled' })
  }
}

onClick('[data-act=fetch]', fetchCode)
onClick('[data-act=close]', close)
onClick('[data-act=scan]', () => {
  channel = 'scan'
  showChannel(channel, true)
  fetchCode()
})
onConfirm((digits) => (options.direct === undefined ? sendDigits : finish)(digits))
document.addEventListener('keydown', (event) => {
  if (event.key === 'Escape' || event.key === 'Esc') close()
})

if (parent.origin === '') {
  fail(unframed())
  byId('failed').className = 'final'
} else {
  setText('site', parent.host)
  if (ticket === undefined) parent.post({ event: 'hostedscoperequest:loaded' })
  else start(optionsOfAddress())
}
