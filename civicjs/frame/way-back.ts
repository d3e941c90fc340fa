const limitMs = 5_000

/**
 * Tells the server on which page the person continues after approval, then calls `done`, also after a failure: without
 * this the wallet leads to the start of the site.
 */
export function tellWayBack(requestUrl: string, verifier: string, pageUrl: string, done: () => void): void {
  const xhr = new XMLHttpRequest()
  xhr.open('POST', `${requestUrl}/return`)
  xhr.setRequestHeader('X-Civic-Verifier', verifier)
  xhr.setRequestHeader('Content-Type', 'application/json')
  xhr.timeout = limitMs
  xhr.onloadend = () => done()
  xhr.send(JSON.stringify({ url: pageUrl }))
}
