/** What a page of this folder does, as the original CivicJS of that year did; `heard` keeps what the iframe said. */
export interface Original {
  /** Where it makes the QR request, under the API's base: the stage and the version came and went. */
  readonly requests: string
  readonly isMobile?: boolean
}

const head = `<!doctype html><html lang="en"><title>Site</title>
<meta name="viewport" content="width=device-width, initial-scale=1">
<style>iframe { width: 100%; height: 600px; border: 0 }</style>
<div class="civic-content" id="civic-iframe-zone"></div>
<script>
  var heard = []
  var zone = document.getElementById('civic-iframe-zone')
  function open(url) {
    zone.innerHTML = '<iframe id="civic-sr-frame" frameborder="0"></iframe>'
    zone.firstChild.src = url
  }
  function listen(more) {
    window.addEventListener('message', function (message) {
      heard.push(message.data)
      more(message.data)
      if (/data-received|user-cancelled/.test(message.data.event)) zone.innerHTML = ''
    })
  }`

/**
 * CivicJS of 2018 to 2021: a handshake; the page makes the QR request; no app in the iframe's address. The uuid of a
 * return from the mobile app, by any of them, stands in the fragment here.
 */
export function originalPage({ requests, isMobile = false }: Original): string {
  return `${head}
  var api = 'https://hosted-sip.civic.com/sip/${requests}scopeRequest'
  function say(message) {
    message.sourceType = 'sip'
    zone.firstChild.contentWindow.postMessage(message, '*')
  }
  function fetchCode(data, done) {
    var form = Object.keys(data).map(function (name) {
      return encodeURIComponent(name) + '=' + encodeURIComponent(data[name])
    })
    var xhr = new XMLHttpRequest()
    xhr.open('POST', api + '/qrcode')
    xhr.setRequestHeader('Content-Type', 'application/x-www-form-urlencoded; charset=UTF-8')
    xhr.onload = function () { done(JSON.parse(xhr.responseText)) }
    xhr.send(form.join('&'))
  }
  listen(function (data) {
    if (data.event === 'hostedscoperequest:loaded') {
      var options = { appId: 'YOUR_APP_ID', isMobile: ${isMobile}, api: api, verificationLevel: 'civicBasic' }
      if (location.hash) options.uuid = location.hash.slice(1)
      say({ event: 'qrCode:scopeOptions', options: options })
    }
    if (data.event === 'qrcode:fetch') {
      fetchCode(data.data, function (answer) { say({ event: 'qrCode:response', qrCodeResponseData: answer }) })
    }
    if (data.event === 'mobile:fetchScopeRequest') {
      fetchCode(data.data, function (answer) {
        say({
          event: 'mobile:response',
          responseData: {
            isTest: answer.isTest,
            uuid: answer.uuid,
            parentUrl: location.href,
            scopeRequestString: answer.scopeRequestString,
          },
        })
      })
    }
  })
  open('https://hosted-sip.civic.com/scopeRequest/prod/index.html')
</script>`
}

/** CivicJS of 2017: the iframe's address says it all, and the iframe page asks for the code. */
export function pageOf2017(address: string): string {
  return `${head}
  listen(function () {})
  open('https://hosted-sip.civic.com${address}')
</script>`
}
