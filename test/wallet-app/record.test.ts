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
})
