import { crc32, deflateSync } from 'node:zlib'
import encodeQR from 'qr'

/** The light modules around the code, and the pixels of a module. */
const MARGIN = 2
const SCALE = 6
const SIGNATURE = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a])
const LIGHT = 0xff
/** Preparing zlib's default window takes longer than compressing the image. */
const COMPRESSION = { level: 3, memLevel: 6, windowBits: 12 }

/** @returns the text's QR code, level M, as the `data:` URL of a PNG, which every CivicJS can show */
export function qrImageUrl(text: string): string {
  const modules = encodeQR(text, 'raw', { ecc: 'medium', border: MARGIN })
  return `data:image/png;base64,${png(modules).toString('base64')}`
}

/** A greyscale PNG with one bit for each pixel, of which dark is 0 (RFC 2083). */
function png(modules: readonly (readonly boolean[])[]): Buffer {
  const size = modules.length * SCALE
  const header = Buffer.alloc(13)
  header.writeUInt32BE(size, 0)
  header.writeUInt32BE(size, 4)
  header[8] = 1
  return Buffer.concat([
    SIGNATURE,
    chunk('IHDR', header),
    chunk('IDAT', deflateSync(pixelsOf(modules, size), COMPRESSION)),
    chunk('IEND', Buffer.alloc(0)),
  ])
}

/** Rows of pixels, each after the byte 0, which says that it is not filtered. */
function pixelsOf(modules: readonly (readonly boolean[])[], size: number): Buffer {
  const width = 1 + Math.ceil(size / 8)
  const pixels = Buffer.alloc(size * width)
  for (const [y, dark] of modules.entries()) {
    const start = y * SCALE * width
    pixels.fill(LIGHT, start + 1, start + width)
    for (let x = 0; x < size; x++) {
      const at = start + 1 + (x >> 3)
      if (dark[Math.floor(x / SCALE)]) pixels[at] = (pixels[at] ?? 0) & ~(0x80 >> (x & 7))
    }
    for (let again = 1; again < SCALE; again++)
      pixels.copy(pixels, start + again * width, start, start + width)
  }
  return pixels
}

function chunk(type: string, data: Buffer): Buffer {
  const named = Buffer.concat([Buffer.from(type, 'latin1'), data])
  const ends = Buffer.alloc(8)
  ends.writeUInt32BE(data.length, 0)
  ends.writeUInt32BE(crc32(named), 4)
  return Buffer.concat([ends.subarray(0, 4), named, ends.subarray(4)])
}
