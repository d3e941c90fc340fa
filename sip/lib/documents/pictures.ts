/** The type of a picture by its first bytes. Names and labels are ignored. */
const MAGIC = [
  { type: 'image/jpeg', bytes: Buffer.from([0xff, 0xd8, 0xff]) },
  { type: 'image/png', bytes: Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]) },
] as const

/** The most bytes of a picture. */
const MAX_BYTES = 1024 * 1024

/** @param base64 canonical base64 @returns undefined if it is not a JPEG or PNG, or is too large */
export function typeOfPicture(base64: string): 'image/jpeg' | 'image/png' | undefined {
  if (base64.length > Math.ceil(MAX_BYTES / 3) * 4) return undefined
  const picture = Buffer.from(base64, 'base64')
  if (picture.toString('base64') !== base64) return undefined
  return MAGIC.find(({ bytes }) => picture.subarray(0, bytes.length).equals(bytes))?.type
}
