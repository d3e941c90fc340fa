const limitMs = 10_000

/**
 * Tells the server something of a request, then calls `done` with the HTTP status, 0 where it could not be reached.
 * @param url of the call
 * @param verifier shows that this browser made the request
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
