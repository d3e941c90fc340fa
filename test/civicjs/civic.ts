import { createHash, randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import type { AddressInfo } from 'node:net'
import express from 'express'
import QRCode from 'qrcode'

const built = new URL('../../sandbox/dist/browser/', import.meta.url)

interface Request {
  challenge: string
  fields: Record<string, unknown>
  answer: Record<string, unknown>
}

/** A double of Civic's side for the browser's part of the protocol (section 6): pages, QR requests, polling. */
export async function startCivic(): Promise<Civic> {
  const civic = new Civic()
  await civic.start()
  return civic
}

export class Civic {
  url = ''
  appId = 'civicTest'
  readonly whitelist: string[] = []
  readonly requests = new Map<string, Request>()
  private readonly app = express()
  private server: ReturnType<typeof this.app.listen> | undefined

  async start(): Promise<void> {
    this.route()
    this.server = this.app.listen(0, '127.0.0.1')
    await once(this.server, 'listening')
    this.url = `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`
  }

  async close(): Promise<void> {
    this.server?.close()
    this.server?.closeAllConnections()
    await once(this.server!, 'close')
  }

  read(uuid: string): void {
    this.requests.get(uuid)!.answer = { statusCode: 202, status: 'read' }
  }

  approve(uuid: string): string {
    const token = `header.${Buffer.from(uuid).toString('base64url')}.signature`
    const answer = { statusCode: 200, action: 'data-received', type: 'code', authResponse: token }
    this.requests.get(uuid)!.answer = answer
    return token
  }

  deny(uuid: string): void {
    this.requests.get(uuid)!.answer = { statusCode: 200, action: 'user-cancelled', type: 'code' }
  }

  private route(): void {
    const { app } = this
    const file = (path: string, name: string): void => {
      app.get(path, async (_req, res) => {
        res.type(name.slice(name.lastIndexOf('.'))).send(await readFile(new URL(name, built)))
      })
    }
    file('/js/civic.sip.min.js', 'civic.sip.min.js')
    file('/js/civic.sip-v0.1.js', 'civic.sip-v0.1.js')
    file('/css/civic-modal.min.css', 'civic-modal.min.css')
    file('/css/civic-modal.css', 'civic-modal.css')
    app.use('/scopeRequest/:stage', (_req, res, next) => {
      res.set(
        'Content-Security-Policy',
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; " +
          `frame-ancestors ${this.whitelist.join(' ') || "'none'"}`,
      )
      next()
    })
    for (const name of ['index.html', 'frame.js', 'frame.css'])
      file(`/scopeRequest/:stage/${name}`, `frame/${name}`)
    app.post(
      '/sip/:stage/:version/scopeRequest/qrcode',
      express.urlencoded({ extended: true }),
      async (req, res) => {
        const origin = req.get('Origin') ?? ''
        res.set('Access-Control-Allow-Origin', origin)
        const fields = req.body as Record<string, unknown>
        if (!this.whitelist.includes(origin)) {
          res
            .status(403)
            .json({ statusCode: 403, message: `${origin} is not on the domain white list of the app.` })
          return
        }
        const uuid = randomUUID()
        this.requests.set(uuid, { challenge: String(fields.challenge), fields, answer: { statusCode: 202 } })
        const imageUri = await QRCode.toDataURL(`${this.url}/wallet#${uuid}`, { margin: 1, scale: 6 })
        res.json({ imageUri, isTest: true, uuid, timeout: 120 })
      },
    )
    app.get('/sip/:stage/scopeRequest/:uuid', (req, res) => {
      const request = this.requests.get(req.params.uuid)
      const shown = createHash('sha256')
        .update(req.get('X-Civic-Verifier') ?? '')
        .digest('hex')
      res.set('Cache-Control', 'no-store')
      if (request === undefined) res.status(404).json({ statusCode: 404, message: 'No such request.' })
      else if (request.challenge !== shown)
        res.status(403).json({ statusCode: 403, message: 'Not this browser’s.' })
      else res.json(request.answer)
    })
    app.get('/wallet', (_req, res) => {
      res.send('wallet')
    })
  }
}
