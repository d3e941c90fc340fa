/* global document, window */
// Starts Civic's pop-up from the page's buttons, and hands what it answers to our server.

const form = document.querySelector('#login')
const notice = document.querySelector('#notice')

function say(text) {
  notice.textContent = text
  notice.classList.toggle('shown', text !== '')
}

function start() {
  const sip = new window.civic.sip({ appId: form.dataset.appId, stage: form.dataset.stage })
  sip.on('auth-code-received', (event) => {
    say('Approved. One moment…')
    form.elements.authToken.value = event.response
    // Submitted as a form, so that whatever the server answers is the next page
    form.submit()
  })
  sip.on('user-cancelled', () => say('You declined this request. Nothing was shared.'))
  sip.on('civic-sip-error', () =>
    say('Civic could not be reached, or refused the request. Please try again.'),
  )
  return sip
}

if (window.civic?.sip) {
  const sip = start()
  for (const button of document.querySelectorAll('[data-scope-request]')) {
    button.addEventListener('click', () => {
      say('')
      sip.signup({ style: 'popup', scopeRequest: sip.ScopeRequests[button.dataset.scopeRequest] })
    })
  }
} else {
  say('Civic’s script did not load, so logging in does not work at the moment. Please reload the page.')
}
