/* global document, fetch, location, navigator, ResizeObserver, window */
// Opens Civic's dialog from the page's buttons, and sends its response to our server.

const form = document.querySelector('#login')
const notice = document.querySelector('#notice')

function say(text) {
  notice.textContent = text
  notice.classList.toggle('shown', text !== '')
}

function listen(sip, received) {
  sip.on('auth-code-received', (event) => {
    say('Approved. One moment…')
    received(event.response)
  })
  sip.on('user-cancelled', () => say('You declined this request. Nothing was shared.'))
  // In development, the developer needs this
  sip.on('civic-sip-error', (event) => say(event.message))
  return sip
}

/** A SIP asks on our behalf. Its token goes to our server. */
function hosted() {
  const sip = new window.civic.sip({ appId: form.dataset.appId, stage: form.dataset.stage })
  return listen(sip, (token) => {
    form.elements.authToken.value = token
    // Submitted as a form, so that the server's response is the next page
    form.submit()
  })
}

/** Our server asks the wallet. Posted by script, so that a person can correct a mistyped code. */
function direct() {
  const sip = new window.civic.sip({ direct: '/civic' })
  return listen(sip, async (body) => {
    const headers = { Accept: 'application/json', 'Content-Type': 'application/json' }
    const returnTo = form.elements.returnTo.value || undefined
    const answer = await fetch('/auth/civic-direct', {
      method: 'POST',
      headers,
      body: JSON.stringify({ ...JSON.parse(body), returnTo }),
    })
    const { kind, error, returnTo: place } = await answer.json()
    if (answer.ok) location.assign(place === '/account' ? `${place}?done=${kind}` : place)
    else if (error === 'CIVIC_CONFIRM_WRONG') sip.retry()
    else location.assign(`/problem?code=${error}`)
  })
}

if (window.civic?.sip) {
  const sips = { civic: hosted(), ...('direct' in form.dataset && { 'civic-direct': direct() }) }
  for (const button of document.querySelectorAll('[data-scope-request]')) {
    const sip = sips[button.dataset.provider]
    button.addEventListener('click', () => {
      say('')
      sip.signup({ style: 'popup', scopeRequest: sip.ScopeRequests[button.dataset.scopeRequest] })
    })
  }
} else {
  say('Civic’s script did not load, so logging in does not work at the moment. Please reload the page.')
}

for (const button of document.querySelectorAll('[data-copy]')) {
  const [label] = button.childNodes
  button.hidden = false
  button.addEventListener('click', async () => {
    await navigator.clipboard.writeText(button.dataset.copy)
    label.textContent = 'Copied'
  })
}

// Only an element that scrolls is a tab stop
const tables = new ResizeObserver((entries) => {
  for (const { target } of entries) {
    if (target.scrollWidth > target.clientWidth) target.tabIndex = 0
    else target.removeAttribute('tabindex')
  }
})
for (const table of document.querySelectorAll('.scroll')) tables.observe(table)
