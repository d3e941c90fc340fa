import assert from 'node:assert/strict'
import { lstat, mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openStorage } from 'civic-sip-server/database'
import type { Storage } from 'civic-sip-server/database'

const SECRET = '1'.repeat(64)

describe('sip: storage in a folder', function () {
  this.timeout(120_000)
  let folder: string
  before(async () => (folder = await mkdtemp(join(tmpdir(), 'storage-'))))
  after(() => rm(folder, { recursive: true }))
  const open = (secrets: readonly string[]): Promise<Storage> => openStorage(folder, { secrets })

  it('keeps its keys over a restart, sealed in every file, and refuses another secret', async () => {
    const first = await open([SECRET])
    await assert.rejects(open([SECRET]), { name: 'FileInUse' })
    const { keys, secret, attesterSeed } = first
    const secrets = [keys.current.prvKey, secret, attesterSeed, SECRET]
    await first.close()
    for (const name of await readdir(folder, { recursive: true })) {
      const file = join(folder, name)
      if (!(await lstat(file)).isFile()) continue
      const bytes = await readFile(file, 'latin1')
      assert.deepEqual(
        secrets.filter((text) => bytes.includes(text)),
        [],
        name,
      )
    }
    await assert.rejects(open(['2'.repeat(64)]), { name: 'SealError', message: /SIP_SECRET/ })
    const second = await open(['2'.repeat(64), SECRET])
    assert.deepEqual([second.keys.current.prvKey, second.secret, second.attesterSeed], secrets.slice(0, 3))
    await second.close()
  })
})
