import assert from 'node:assert/strict'
import { once } from 'node:events'
import { request } from 'node:http'
import { Agent, createServer } from 'node:https'
import { connect } from 'node:net'
import type { AddressInfo } from 'node:net'
import { connect as connectTls } from 'node:tls'
import { createSandbox } from 'civic-sip-sandbox'
import { CivicClient } from 'passport-civic-sip'
import { certificateFor } from '../support/certificate.ts'

const NAME = 'sip.example.test'

describe('sandbox: behind a proxy that ends TLS', () => {
  it('logs people in at a site that uses another name, with large payloads too', async function () {
    const certificate = certificateFor(this, [`DNS:${NAME}`])
    const sandbox = await createSandbox({ allowHosts: [NAME] })
    const proxy = createServer(certificate, (req, res) => {
      const headers = { ...req.headers, 'x-forwarded-proto': 'https' }
      const onward = request(sandbox.url + req.url!, { method: req.method!, headers }, (answer) => {
        res.writeHead(answer.statusCode!, answer.headers)
        answer.pipe(res)
      })
      req.pipe(onward)
    }).listen(0, '127.0.0.1')
    await once(proxy, 'listening')
    const { port } = proxy.address() as AddressInfo
    // Stands for the name's DNS entry and port 443.
    const agent = new Agent()
    agent.createConnection = () =>
      connectTls({ socket: connect(port, '127.0.0.1'), servername: NAME, ca: certificate.cert })
    try {
      const civic = sandbox.strategyOptions()
      const client = new CivicClient({
        ...civic,
        api: `https://${NAME}/sip/`,
        audience: civic.api,
        payloadHosts: [NAME],
        agent,
      })
      const { data } = await client.exchangeCode(
        await sandbox.authCode({ scopeRequest: 'PROOF_OF_IDENTITY' }),
      )
      assert.equal(data.value('documents.genericId.name'), 'Alice Archer')
    } finally {
      agent.destroy()
      proxy.closeAllConnections()
      proxy.close()
      await once(proxy, 'close')
      await sandbox.close()
    }
  })
})
