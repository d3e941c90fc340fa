const limitMs = 10_000

/**
 * Posts to the server about a request, then calls `done` with the HTTP status, or 0 if the server could not be reached.
 * @param url the URL to post to
 * @param verifier proves that this browser made the request
 */
export function tell(url: string, verifier: string, body: object, done: (status: number) => void): void {
  const xhr = new XMLHttpRequest()
  xhr.open('POST', url)
  xhr.setRequestHeader('X-Civic-Verifier', verifier)
  xhr.setRequestHeader('Content-Type', 'application/json')
  xhr.timeout = limitMs
  xhr.onloadend = () => done(xhr.status)
  xhr.send(JSON.stringify(body))
}
