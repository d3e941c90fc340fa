import { Buffer } from 'node:buffer'
import { gzipSync } from 'node:zlib'

/**
 * The ways in which SIP fails. `forwards`: whether SIP gets the request first, and so uses the code.
 *
 * @typedef {object} Fault
 * @property {string} name
 * @property {boolean} forwards
 * @property {(res: import('node:http').ServerResponse, genuine: Buffer) => unknown} answer
 */

const json = { 'Content-Type': 'application/json' }

/** @returns {Fault} */
const status = (code, headers = {}) => ({
  name: `status ${code}`,
  forwards: false,
  answer: (res) => res.writeHead(code, { ...json, ...headers }).end('{"message":"a fault of the soak"}'),
})

/** @type {Fault[]} */
export const FAULTS = [
  ...[400, 401, 403, 409, 500, 502, 503, 504].map((code) => status(code)),
  // A retry may succeed
  status(429, { 'Retry-After': '0' }),
  status(429, { 'Retry-After': '3600' }),
  {
    name: 'a page in place of an answer',
    forwards: false,
    answer: (res) =>
      res.writeHead(200, { 'Content-Type': 'text/html' }).end('<!doctype html><title>Oops</title>'),
  },
  { name: 'a redirect', forwards: false, answer: (res) => res.writeHead(307, { Location: '/' }).end() },
  { name: 'a reset before the answer', forwards: false, answer: (res) => res.destroy() },
  { name: 'a reset after the code was used', forwards: true, answer: (res) => res.destroy() },
  {
    name: 'an answer cut off',
    forwards: true,
    answer: (res, genuine) =>
      res
        .writeHead(200, { ...json, 'Content-Length': genuine.length })
        .write(genuine.subarray(0, -20), () => res.destroy()),
  },
  {
    name: 'JSON cut off',
    forwards: true,
    answer: (res, genuine) => res.writeHead(200, json).end(genuine.subarray(0, -1)),
  },
  {
    name: 'gzip cut off',
    forwards: true,
    answer: (res, genuine) =>
      res.writeHead(200, { ...json, 'Content-Encoding': 'gzip' }).end(gzipSync(genuine).subarray(0, -40)),
  },
  {
    name: 'a data token with one character changed',
    forwards: true,
    answer: (res, genuine) => {
      const answer = JSON.parse(genuine)
      const at = Math.floor(answer.data.length / 2)
      answer.data =
        answer.data.slice(0, at) + (answer.data[at] === 'A' ? 'B' : 'A') + answer.data.slice(at + 1)
      res.writeHead(200, json).end(JSON.stringify(answer))
    },
  },
  { name: 'silence', forwards: false, answer: () => undefined },
  {
    name: 'a body without end',
    forwards: false,
    answer: (res) => {
      res.writeHead(200, json)
      const more = () => {
        while (!res.destroyed && res.write(Buffer.alloc(65_536, ' ')));
      }
      res.on('drain', more)
      more()
    },
  },
]
