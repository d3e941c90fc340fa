/**
 * The limit: a login's work with bare node:crypto calls and http.request with keep-alive, which checks only the two
 * signatures. Never use it to log people in.
 */
import { Buffer } from 'node:buffer'
import { createDecipheriv, createHmac, randomUUID, sign, verify } from 'node:crypto'
import { Agent, request } from 'node:http'
import { URL } from 'node:url'
import PassportStrategy from 'passport-strategy'
import { privateKey, publicKey } from 'passport-civic-sip/crypto'

const HEADER = Buffer.from('{"alg":"ES256","typ":"JWT"}').toString('base64url')
const dsaEncoding = 'ieee-p1363'

/** The cryptography of one login, in its six steps. */
export function createLimit({ appId, appSecret, prvKey, sipPublicKey, api }) {
  const signing = { key: privateKey(prvKey), dsaEncoding }
  const verifying = { key: publicKey(sipPublicKey), dsaEncoding }
  const secret = Buffer.from(appSecret, 'hex')
  return {
    verifyToken(token) {
      const [header, claims, signature] = token.split('.')
      const signed = Buffer.from(`${header}.${claims}`)
      if (!verify('sha256', signed, verifying, Buffer.from(signature, 'base64url'))) throw new Error('forged')
      return JSON.parse(Buffer.from(claims, 'base64url').toString())
    },
    authorization(body) {
      const iat = Math.floor(Date.now() / 1000)
      const times = { iat, exp: iat + 180 }
      const data = { method: 'POST', path: 'scopeRequest/authCode' }
      const claims = { jti: randomUUID(), ...times, iss: appId, aud: api, sub: appId, data }
      const signed = `${HEADER}.${Buffer.from(JSON.stringify(claims)).toString('base64url')}`
      const signature = sign('sha256', Buffer.from(signed), signing).toString('base64url')
      const extension = createHmac('sha256', appSecret).update(body).digest('base64')
      return `Civic ${signed}.${signature}.${extension}`
    },
    open(data) {
      const cipher = createDecipheriv('aes-128-cbc', secret, Buffer.from(data.slice(0, 32), 'hex'))
      return JSON.parse(cipher.update(data.slice(32), 'base64', 'utf8') + cipher.final('utf8'))
    },
  }
}

// The keys are in canonical order already
export const bodyOf = (authToken) => JSON.stringify({ allowS3UploadedPayload: true, authToken })

export class LimitStrategy extends PassportStrategy {
  name = 'civic'

  constructor(options, verifyCallback) {
    super()
    this.limit = createLimit(options)
    this.verifyCallback = verifyCallback
    this.url = new URL(`${options.api}prod/scopeRequest/authCode`)
    this.agent = new Agent({ keepAlive: true })
  }

  authenticate(req) {
    const { limit, url, agent } = this
    const token = req.body.authToken
    limit.verifyToken(token)
    const body = bodyOf(token)
    const headers = {
      'Content-Type': 'application/json',
      'Content-Length': body.length,
      Accept: '*/*',
      Authorization: limit.authorization(body),
    }
    const posted = request(url, { method: 'POST', agent, headers }, (response) => {
      const chunks = []
      response.on('data', (chunk) => chunks.push(chunk))
      response.on('end', () => {
        const { data, userId } = JSON.parse(Buffer.concat(chunks).toString())
        this.success(this.verifyCallback(userId, limit.open(limit.verifyToken(data).data)))
      })
    })
    posted.on('error', this.error)
    posted.end(body)
  }
}
