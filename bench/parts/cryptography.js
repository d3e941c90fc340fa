/** Part 1: the processor time of one login's cryptography. */
import { randomUUID } from 'node:crypto'
import { Response } from 'undici'
import { CivicClient } from 'passport-civic-sip'
import {
  openPayload,
  privateKey,
  publicKey,
  requestExtension,
  signToken,
  verifyToken,
} from 'passport-civic-sip/crypto'
import { bodyOf, createLimit } from '../contenders/limit.js'
import { clientOptions, createFixture, createSigner } from '../support/fixture.js'
import { number, target, times } from '../support/format.js'
import { cpu, interleave, median, ratio } from '../support/measure.js'
import { civicSipApi } from '../support/peers.js'

const API = 'https://sip.example.org/sip/'

function limitLogin(options, code, data) {
  const limit = createLimit(options)
  return () => {
    limit.verifyToken(code)
    limit.authorization(bodyOf(code))
    return limit.open(limit.verifyToken(data).data)
  }
}

function oursLogin({ appId, appSecret, prvKey, sipPublicKey }, code, data) {
  const key = privateKey(prvKey)
  const keys = [publicKey(sipPublicKey)]
  const expected = { issuer: 'civic-sip-hosted-service', audience: API, subject: appId, clockTolerance: 60 }
  return () => {
    verifyToken(code, keys, expected)
    const iat = Math.floor(Date.now() / 1000)
    const request = { method: 'POST', path: 'scopeRequest/authCode' }
    const times = { iat, exp: iat + 180 }
    signToken({ jti: randomUUID(), ...times, iss: appId, aud: API, sub: appId, data: request }, key)
    requestExtension({ authToken: code, allowS3UploadedPayload: true }, appSecret)
    return JSON.parse(openPayload(verifyToken(data, keys, expected).data, appSecret))
  }
}

/** The official client does not verify the code token at all. */
function officialLogin({ appId, appSecret, prvKey, sipPublicKey }, code, data) {
  const { jwt, basicCrypto } = civicSipApi()
  return () => {
    const request = { method: 'POST', path: 'scopeRequest/authCode' }
    jwt.createToken(appId, API, appId, '3m', request, prvKey)
    jwt.createCivicExt({ authToken: code, allowS3UploadedPayload: true }, appSecret)
    if (!jwt.verify(data, sipPublicKey, { gracePeriod: 60 })) throw new Error('not verified')
    return JSON.parse(basicCrypto.decrypt(jwt.decode(data).payloadObj.data, appSecret))
  }
}

/** All of CivicClient except the network: deadline, settings, response, checks and the cryptography. */
function wholeExchange(options, code, fetch) {
  const client = new CivicClient({ ...options, fetch })
  return () => client.exchangeCode(code)
}

/** The same with bare calls: the response is read and parsed, and nothing checked but signatures. */
function limitExchange(options, code, fetch) {
  const limit = createLimit(options)
  return async () => {
    limit.verifyToken(code)
    const body = bodyOf(code)
    const headers = { Authorization: limit.authorization(body) }
    const response = await fetch(API, { method: 'POST', headers, body })
    const { data, userId } = JSON.parse(await response.text())
    return { userId, data: limit.open(limit.verifyToken(data).data) }
  }
}

/** Microseconds of processor time for one call. */
const timed = (login, count) => async () => {
  const before = cpu()
  for (let left = count; left > 0; left--) await login()
  return (cpu() - before) / count
}

export async function cryptography({ isShort }) {
  const fixture = createFixture()
  const options = clientOptions(fixture, API)
  const signer = createSigner(fixture, API)
  const code = signer.codeToken()
  const answer = signer.answer()
  const count = isShort ? 20 : 150
  const body = JSON.stringify(answer)
  const fetch = () => Promise.resolve(new Response(body))
  const results = await interleave(
    {
      limit: timed(limitLogin(options, code, answer.data), count),
      ours: timed(oursLogin(options, code, answer.data), count),
      limitExchange: timed(limitExchange(options, code, fetch), count),
      exchange: timed(wholeExchange(options, code, fetch), count),
      official: timed(officialLogin(options, code, answer.data), isShort ? 1 : 3),
    },
    { rounds: isShort ? 3 : 30, warmups: isShort ? 1 : 5 },
  )
  const { limit, ours, exchange, official } = results
  const wholeToLimit = ratio(exchange, results.limitExchange)
  const toLimit = ratio(ours, limit)
  const toOfficial = ratio(official, ours)
  const row = (name, values, to = limit) => [name, `${number(median(values))} µs`, times(ratio(values, to))]
  return {
    title: "One login's cryptography",
    text: `Processor time of verifying the code token, signing the request token, the HMAC, verifying the data token,
      decrypting and parsing. civic-sip-api does not verify the code token, so it does one verification less.
      "exchangeCode without a network" is all of \`CivicClient\` around it as well, with a \`fetch\` that gives a
      \`Response\` at once; its limit reads that \`Response\` too.`,
    tables: [
      {
        head: ['', 'CPU per login', '× the limit (quartiles)'],
        rows: [
          row('limit: bare node:crypto, nothing else checked', limit),
          row('passport-civic-sip/crypto', ours),
          row('civic-sip-api 1.2.1', official),
        ],
      },
      {
        head: ['with a response to read', 'CPU per login', '× the limit (quartiles)'],
        rows: [
          row('limit', results.limitExchange, results.limitExchange),
          row('exchangeCode without a network', exchange, results.limitExchange),
        ],
      },
    ],
    targets: [
      target('cryptography of a login, to the limit', toLimit.value, { atMost: 1.35 }, '×'),
      target('exchangeCode without a network, to the limit', wholeToLimit.value, { atMost: 1.3 }, '×'),
      target('cryptography of a login, civic-sip-api to ours', toOfficial.value, { atLeast: 100 }, '×'),
    ],
    headline: `cryptography of a login: ${number(toOfficial.value)} × faster than civic-sip-api, ${number(toLimit.value)} × the limit`,
  }
}
