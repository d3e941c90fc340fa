import assert from 'node:assert/strict'
import { showWays } from '../../civicjs/frame/code.ts'
import type { Channel } from '../../civicjs/frame/words.ts'

class Node {
  textContent = ''
  hidden = false
  href = ''
  setAttribute(_name: string, value: string): void {
    this.href = value
  }
}

describe('the ways to the wallet under a code', () => {
  const { document } = globalThis
  after(() => {
    globalThis.document = document
  })

  /** What the page says and links to; undefined where it offers no wallet but the person’s own. */
  function ways(
    link: string,
    channel: Channel = 'scan',
    hasTestWallet = false,
  ): [string, string] | undefined {
    const nodes = new Map<string, Node>()
    const getElementById = (id: string): Node => {
      const node = nodes.get(id) ?? new Node()
      nodes.set(id, node)
      return node
    }
    globalThis.document = { getElementById } as unknown as Document
    const code = { uuid: '00000000-0000-4000-8000-000000000000', link, timeoutS: 120 }
    showWays(code, channel, hasTestWallet)
    assert.equal(nodes.get('wallet')?.href, link)
    const { hidden } = getElementById('no-phone')
    return hidden ? undefined : [getElementById('reach').textContent, getElementById('test-wallet').href]
  }

  it('say that a code of this computer’s own address works there only, and offer the test wallet', () => {
    for (const host of ['localhost:4000', 'localhost', '127.0.0.1:4000', '[::1]:4000']) {
      const link = `/wallet#http://${host}/sip/prod/scopeRequest/u/callback`
      assert.deepEqual(ways(link), ['This code works on this computer only.', link])
    }
    const direct = 'http://localhost:4001#http://localhost:3000/civic/u/callback'
    assert.deepEqual(ways(direct), ['This code works on this computer only.', direct])
  })

  it('offer the test wallet, if the server has one, to people without a phone', () => {
    const link = '/wallet#http://192.168.1.20:4000/sip/prod/scopeRequest/u/callback'
    assert.deepEqual(ways(link, 'scan', true), ['No phone at hand?', link])
  })

  it('offer nothing more if other devices reach the code, or none is shown', () => {
    for (const host of [
      'sip.example.org',
      '192.168.1.20:4000',
      'localhost.example.org',
      '127.0.0.1.example.org',
    ]) {
      assert.equal(ways(`/wallet#http://${host}/sip/prod/scopeRequest/u/callback`), undefined)
    }
    assert.equal(ways('/wallet#http://localhost:4000/sip/prod/scopeRequest/u/callback', 'link'), undefined)
  })
})
