import assert from 'node:assert/strict'
import { asFile, fromFile } from '../../wallet/app/record.ts'
import type { Record } from '../../wallet/app/record.ts'

function bytes(length: number, from = 0): Uint8Array<ArrayBuffer> {
  return Uint8Array.from({ length }, (_, index) => (from + index) % 256)
}

function sealed(length: number) {
  return { iv: bytes(12), bytes: bytes(length, 7) }
}

const passphrase = {
  kind: 'passphrase',
  salt: bytes(16),
  memory: 65_536,
  passes: 3,
  key: sealed(48),
} as const
const passkey = { kind: 'passkey', credentialId: bytes(32), salt: bytes(32, 1), key: sealed(48) } as const

describe('the file that a wallet exports', () => {
  // A document's picture is about a megabyte
  const record: Record = { version: 1, ways: [passphrase, passkey], secret: sealed(1_500_000) }

  it('brings the record back byte for byte, without its passkeys', async () => {
    assert.deepEqual(await fromFile(asFile(record)), { ...record, ways: [passphrase] })
  })

  it('is refused in another format, or as other JSON', async () => {
    const texts = [
      '',
      '{',
      '{}',
      'null',
      '{"format":"civic-wallet","version":2,"ways":[]}',
      '{"version":1,"ways":[]}',
    ]
    for (const text of texts) {
      await assert.rejects(fromFile(new Blob([text])), /This is not a file that a wallet exported\./, text)
    }
  })

  it('is refused if unlocking it would take too much, or if a part is missing or of another size', async () => {
    const small: Record = { ...record, ways: [passphrase], secret: sealed(100) }
    assert.deepEqual(await fromFile(asFile(small)), small)
    const changes: object[] = [
      { memory: 2 ** 22 },
      { memory: 65_536.5 },
      { passes: 1_000_000 },
      { passes: '3' },
      { salt: bytes(8) },
      { salt: 'c2FsdA==' },
      { key: { iv: bytes(11), bytes: bytes(48) } },
      { key: sealed(65) },
      { key: undefined },
      { kind: 'other' },
    ]
    for (const change of changes) {
      const way = { ...passphrase, ...change } as typeof passphrase
      await assert.rejects(fromFile(asFile({ ...small, ways: [way] })), /not a file/, JSON.stringify(change))
    }
    for (const ways of [[], [passphrase, passphrase]])
      await assert.rejects(fromFile(asFile({ ...small, ways })), /not a file/)
    const secret = undefined as unknown as Record['secret']
    await assert.rejects(fromFile(asFile({ ...small, secret })), /not a file/)
  })
})
