import assert from 'node:assert/strict'
import { isNodeFetch, nodeFetch } from '../../lib/node-fetch.ts'

describe('node-fetch, which is loaded with the first request', () => {
  it('sends nothing if the deadline passes meanwhile, and does not crash', async () => {
    const init = { method: 'POST', headers: {}, body: '{}', redirect: 'error', agent: () => assert.fail() }
    const signal = AbortSignal.abort()
    await assert.rejects(nodeFetch('http://127.0.0.1:1', { ...init, signal } as never), {
      name: 'AbortError',
    })
  })

  it('is distinguished from another fetch', async () => {
    assert.equal(isNodeFetch((await import('node-fetch')).default), true)
    assert.equal(isNodeFetch(fetch), false)
  })
})
