/**
 * The fastest SIP that Node can serve: responds to every post with one of a set of genuine responses made in advance.
 * The same for all contenders.
 */
import { Buffer } from 'node:buffer'
import { createServer } from 'node:http'
import { serve } from './child.js'
import { createSigner } from './fixture.js'

/** @returns {Promise<{ api: string }>} */
function setup({ fixture, imageBytes, answers: count }) {
  let answers = []
  let next = 0
  const server = createServer((request, response) => {
    request.resume()
    request.on('end', () => {
      const body = answers[next++ % answers.length]
      response.writeHead(200, { 'Content-Type': 'application/json', 'Content-Length': body.length })
      response.end(body)
    })
  })
  // Longer than a contender's pause between its rounds
  server.keepAliveTimeout = 120_000
  return new Promise((resolve) => {
    server.listen(0, '127.0.0.1', () => {
      const api = `http://127.0.0.1:${server.address().port}/sip/`
      const { answer } = createSigner(fixture, api)
      answers = Array.from({ length: count }, () => Buffer.from(JSON.stringify(answer(imageBytes))))
      resolve({ api })
    })
  })
}

serve({ setup })
