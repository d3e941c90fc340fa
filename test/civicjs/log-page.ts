/** A page of a site that keeps all it hears from Civic in `events`; `options` go to the constructor as well. */
export function logPage(scope = 'BASIC_SIGNUP', options = '{}'): string {
  return `<!doctype html><html lang="en"><title>Site</title>
<meta name="viewport" content="width=device-width, initial-scale=1">
<link rel="stylesheet" href="https://hosted-sip.civic.com/css/civic-modal.min.css">
<main>
  <h1>A site</h1>
  <button id="login" class="civic-button-a medium" type="button"><span>Log in with Civic</span></button>
  <a href="#elsewhere">Elsewhere</a>
</main>
<script src="https://hosted-sip.civic.com/js/civic.sip.min.js"></script>
<script>
  var events = []
  function instance() {
    var options = ${options}
    options.appId = 'YOUR_APP_ID'
    var sip = new civic.sip(options)
    ;['auth-code-received', 'user-cancelled', 'read', 'civic-sip-error'].forEach(function (name) {
      sip.on(name, function (event) { events.push([name, event]) })
    })
    return sip
  }
  var sip = instance()
  function login(from) {
    from.signup({ style: 'popup', scopeRequest: from.ScopeRequests.${scope} })
  }
  document.getElementById('login').onclick = function () { login(sip) }
</script>`
}
