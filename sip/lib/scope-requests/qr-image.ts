import { crc32, deflateSync } from 'node:zlib'
import encodeQR from 'qr'

/** The light modules around the code, and the pixels of a module. */
const MARGIN = 2
const SCALE = 6
const SIGNATURE = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a])
const LIGHT = 0xff

/** @returns the text's QR code, level M, as the `data:` URL of a PNG, which every CivicJS can show */
export function qrImageUrl(text: string): string {
  const modules = encodeQR(text, 'raw', { ecc: 'medium', border: MARGIN })
  const size = modules.length * SCALE
  const rows = modules.map((dark) => rowOf(dark, size))
  return `data:image/png;base64,${png(rows, size).toString('base64')}`
}

/** A row of pixels, one bit each. Dark is 0. */
function rowOf(dark: readonly boolean[], size: number): Buffer {
  const row = Buffer.alloc(Math.ceil(size / 8), LIGHT)
  for (let pixel = 0; pixel < size; pixel++) {
    const at = pixel >> 3
    if (dark[Math.floor(pixel / SCALE)]) row[at] = (row[at] ?? 0) & ~(0x80 >> (pixel & 7))
  }
  return row
}

/** A greyscale PNG with one bit for each pixel (RFC 2083). Each row is repeated for the pixels of a module. */
function png(rows: readonly Buffer[], size: number): Buffer {
  const header = Buffer.alloc(13)
  header.writeUInt32BE(size, 0)
  header.writeUInt32BE(size, 4)
  header[8] = 1
  const unfiltered = Buffer.from([0])
  const pixels = Buffer.concat(
    rows.flatMap((row) => Array.from({ length: SCALE }, () => [unfiltered, row]).flat()),
  )
  return Buffer.concat([
    SIGNATURE,
    chunk('IHDR', header),
    chunk('IDAT', deflateSync(pixels)),
    chunk('IEND', Buffer.alloc(0)),
  ])
}

function chunk(type: string, data: Buffer): Buffer {
  const named = Buffer.concat([Buffer.from(type, 'latin1'), data])
  const ends = Buffer.alloc(8)
  ends.writeUInt32BE(data.length, 0)
  ends.writeUInt32BE(crc32(named), 4)
  return Buffer.concat([ends.subarray(0, 4), named, ends.subarray(4)])
}
