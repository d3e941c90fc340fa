import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http'
import type { Health } from './health.ts'
import type { Metrics } from './metrics.ts'

/**
 * The routes for the platform and Prometheus, on a port that is not public.
 *
 * | call | response |
 * |---|---|
 * | `GET /health/live` | 200: the process responds |
 * | `GET /health/ready` | 200, or 503: `{ status, problems: [{ what, reason }] }` |
 * | `GET /metrics` | Prometheus's text |
 */
export function management(health: Health, metrics: Metrics): RequestListener {
  return (req, res) => {
    respond(health, metrics, req, res).catch(() => {
      if (!res.headersSent) res.writeHead(500)
      res.end()
    })
  }
}

async function respond(
  health: Health,
  metrics: Metrics,
  { method = '', url = '' }: IncomingMessage,
  res: ServerResponse,
): Promise<void> {
  res.setHeader('Cache-Control', 'no-store')
  res.setHeader('X-Content-Type-Options', 'nosniff')
  const path = url.split('?')[0]
  if (method !== 'GET' && method !== 'HEAD') {
    res.writeHead(405, { Allow: 'GET, HEAD' }).end()
  } else if (path === '/health/live') {
    sendJson(res, 200, { status: 'live' })
  } else if (path === '/health/ready') {
    const { isReady, problems } = await health.readiness()
    sendJson(res, isReady ? 200 : 503, { status: isReady ? 'ready' : 'not ready', problems })
  } else if (path === '/metrics') {
    const text = await metrics.text()
    res.writeHead(200, { 'Content-Type': metrics.contentType }).end(text)
  } else {
    sendJson(res, 404, { message: 'here are /health/live, /health/ready and /metrics' })
  }
}

function sendJson(res: ServerResponse, status: number, body: object): void {
  res.writeHead(status, { 'Content-Type': 'application/json' }).end(JSON.stringify(body))
}
