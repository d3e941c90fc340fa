import type { RequestHandler } from 'express'

/**
 * Ids of scope requests and payloads are secrets while they are valid. Their first digits are enough to distinguish
 * them.
 */
const UUID_TAIL = /(?<=[0-9a-f]{8})-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/gi

/** One line for each finished request, without query, header or body, and so without tokens or personal data. */
export function requestLog(write: (line: string) => void): RequestHandler {
  return (req, res, next) => {
    const start = performance.now()
    const { method } = req
    const path = req.path.replace(UUID_TAIL, '…')
    res.once('close', () => {
      const ms = Math.round(performance.now() - start)
      const time = new Date().toISOString().slice(11, 23)
      write(`${time} ${method.padEnd(6)} ${String(res.statusCode)} ${String(ms).padStart(5)} ms  ${path}`)
    })
    next()
  }
}
