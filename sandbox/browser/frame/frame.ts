import { fieldsOf, isUuid, qrCodeOf, textOf, type Fields } from '../civic/messages.ts'
import { Parent } from './parent.ts'
import { Poll } from './poll.ts'
import { dropVerifier, keepVerifier, newVerifier, verifierOf } from './verifier.ts'
import { Countdown, byId, setText, show, showQrCode } from './view.ts'

const purposes: Readonly<Record<string, string | undefined>> = {
  Anonymous_Login: 'a private login, without any of your details',
  Login: 'a login',
  proofOfIdentity: 'proof of your identity',
  proofOfAge: 'proof of your age',
  proofOfResidence: 'proof of your residence',
}
const defaultPollMs = 1_500
// after its code has expired, a request that a wallet has read may still be answered
const verifierLifetimeMs = 30 * 60_000

/** What the page asked for, its form fields and no more: where this page asks is not the parent's to say. */
let fields: Record<string, unknown> = {}
let isMobile = false
let hideIntro = false
let verifier = ''
let poll: Poll | undefined
let countdown: Countdown | undefined

const parent = new Parent(receive)

function receive(message: Fields): void {
  switch (message.event) {
    case 'qrCode:scopeOptions':
      start(fieldsOf(message.options))
      break
    case 'qrCode:response':
      showCode(message.qrCodeResponseData)
      break
    case 'mobile:response':
      showCode(message.responseData)
      break
    case 'qrCode:error':
    case 'mobile:error':
      fail(textOf(fieldsOf(message.data).message) || 'Civic did not give a code.')
      break
  }
}

function start(options: Fields): void {
  const appId = textOf(options.appId)
  // the server allowed the sites of the app in our address to frame us, and no others
  if (!addressNames(appId)) {
    fail('This page was opened for another app than the one that asks.')
    return
  }
  const verificationLevel = textOf(options.verificationLevel)
  fields = { appId }
  if (verificationLevel !== '') fields.verificationLevel = verificationLevel
  else fields.attributes = options.attributes
  isMobile = options.isMobile === true
  hideIntro = options.hideIntro === true
  const details = verificationLevel === '' ? 'your email address and phone number' : 'your verified details'
  setText('purpose', purposes[verificationLevel] ?? details)
  if (isMobile) {
    byId('app').className = 'mobile'
    setText('instruction', 'Go on in your Civic app')
    setText('wallet', 'Open the Civic app')
  }

  const resumed = options.uuid
  const kept = isUuid(resumed) ? verifierOf(resumed) : undefined
  if (isUuid(resumed) && kept !== undefined) {
    show('read')
    wait(resumed, kept)
  } else if (verificationLevel === 'proofOfIdentity' && !hideIntro) {
    show('intro')
  } else {
    fetchCode()
  }
}

/** Asks the page for a code: the page makes the request, so that the server sees the page's origin. */
function fetchCode(): void {
  stop()
  show('starting')
  const made = newVerifier()
  verifier = made.verifier
  fields.challenge = made.challenge
  parent.post({ event: isMobile ? 'mobile:fetchScopeRequest' : 'qrcode:fetch', data: fields })
}

function showCode(answer: unknown): void {
  const code = qrCodeOf(answer)
  if (code === undefined || verifier === '' || !showQrCode(code.imageUri)) {
    fail('Civic gave a code that cannot be shown.')
    return
  }
  keepVerifier(code.uuid, verifier, verifierLifetimeMs)
  byId('wallet').setAttribute('href', `/wallet#${code.uuid}`)
  byId('test').hidden = !code.isTest
  show('code')
  const asked = wait(code.uuid, verifier)
  countdown = new Countdown(Date.now() + code.timeout * 1000, () => asked.finish())
}

function wait(uuid: string, secret: string): Poll {
  poll?.stop()
  let read = false
  poll = new Poll(`/sip/${stage()}/scopeRequest/${uuid}`, secret, pollMs(), {
    read: () => {
      if (read) return
      read = true
      countdown?.stop()
      show('read')
      parent.post({ event: 'scoperequest:read' })
    },
    answered: (action, token, text) => {
      dropVerifier(uuid)
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
      show('done')
      parent.post({ event: `scoperequest:${action}`, type: 'code', response: token })
      break
    case 'user-cancelled':
      show('cancelled')
      parent.post({ event: 'scoperequest:user-cancelled' })
      break
    case 'mobile-upgrade':
    case 'verify-error': {
      const usual =
        action === 'mobile-upgrade'
          ? 'Your Civic app is too old for this request. Update it, then try again.'
          : 'What your Civic app sent could not be verified.'
      fail(text || usual)
      parent.post({ event: `scoperequest:${action}`, message: text || usual })
      break
    }
    default:
      fail('Civic gave an answer that this page does not know.')
  }
}

function fail(text: string): void {
  stop()
  setText('failure', text)
  show('failed')
}

function stop(): void {
  poll?.stop()
  countdown?.stop()
  byId('offline').hidden = true
}

/** `/scopeRequest/{stage}/index.html`: the stage is ours, whatever the parent says. */
function stage(): string {
  return /\/scopeRequest\/([\w-]+)\//.exec(window.location.pathname)?.[1] ?? 'prod'
}

function addressNames(appId: string): boolean {
  const named = window.location.search
    .slice(1)
    .split('&')
    .filter((part) => part.indexOf('appId=') === 0)
  return named.length === 1 && named[0] === `appId=${encodeURIComponent(appId)}`
}

function pollMs(): number {
  return Number(document.documentElement.getAttribute('data-poll-ms')) || defaultPollMs
}

function close(): void {
  parent.post({ event: 'hostedscoperequest:close' })
}

function onClick(selector: string, act: () => void): void {
  const buttons = document.querySelectorAll(selector)
  for (let i = 0; i < buttons.length; i++) buttons[i]?.addEventListener('click', act)
}

onClick('[data-act=fetch]', fetchCode)
onClick('[data-act=close]', close)
document.addEventListener('keydown', (event) => {
  if (event.key === 'Escape' || event.key === 'Esc') close()
})

if (parent.origin === '') {
  fail('This page belongs to a site’s “Log in with Civic” button and does nothing by itself.')
} else {
  setText('site', parent.host)
  parent.post({ event: 'hostedscoperequest:loaded' })
}
