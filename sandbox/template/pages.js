export function homePage(civic) {
  return page('Welcome', 'You need no password here.', civicButton(civic, 'Log in with Civic', '/auth/civic'))
}

export function accountPage(civic, { email }) {
  const logout = '<form method="post" action="/logout"><button>Log out</button></form>'
  return page('Your account', email, civicButton(civic, 'Link an identity', '/link/civic') + logout)
}

/** A button that opens Civic's dialog, and posts the token to `action`. */
function civicButton({ script, appId, env }, text, action) {
  return `<form id="civic" method="post" action="${action}"><input type="hidden" name="authToken"></form>
<p id="notice" role="status"></p>
<script src="${script}"></script>
<script>
  const sip = new civic.sip({ appId: '${appId}', stage: '${env}' })
  const form = document.getElementById('civic')
  civic.sip.injectButton(form, '${text}').onclick = () =>
    sip.signup({ style: 'popup', scopeRequest: sip.ScopeRequests.BASIC_SIGNUP })
  sip.on('auth-code-received', (event) => {
    form.authToken.value = event.response
    form.submit()
  })
  sip.on('civic-sip-error', (event) => {
    document.getElementById('notice').textContent = event.message
  })
</script>`
}

function page(title, text, content) {
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${title}</title>
<style>body { max-width: 36rem; margin: 4rem auto; padding: 0 1.5rem; font: 1.0625rem/1.6 system-ui, sans-serif }</style>
<h1>${title}</h1>
<p>${escape(text)}</p>
${content}
</html>`
}

function escape(text) {
  return text.replace(/[&<>"']/g, (sign) => `&#${sign.charCodeAt(0)};`)
}
