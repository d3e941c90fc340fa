import assert from 'node:assert/strict'
import { bytesOfHex } from '../../attestations/lib/hex.ts'

const BOTH = {
  'by Node': (hex: string) => bytesOfHex(hex),
  'in JavaScript': (hex: string) => bytesOfHex(hex, null as never),
}

for (const [name, read] of Object.entries(BOTH))
  describe(`attestations: lower-case hex, ${name}`, () => {
    it('gives its bytes, which share no memory', () => {
      for (const hex of ['', '00', 'ff', '0123456789abcdef', 'a5'.repeat(4001)]) {
        const bytes = read(hex)!
        assert.equal(Object.getPrototypeOf(bytes), Uint8Array.prototype)
        assert.equal(bytes.buffer.byteLength, bytes.length)
        assert.equal(Buffer.from(bytes).toString('hex'), hex)
      }
    })

    it('is nothing else', () => {
      const others = [
        '0',
        '000',
        'AB',
        'aB',
        '0g',
        'g0',
        '00 ',
        ' 00',
        '0x00',
        '00\n',
        '\n00',
        '00\0',
        '０１',
      ]
      for (const text of [...others, '\ud83000', '00\udc00', 'ı0', `${'00'.repeat(4000)}0g`])
        assert.equal(read(text), undefined, JSON.stringify(text))
    })
  })
