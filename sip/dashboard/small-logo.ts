const SIDE = 128
/** The most characters of the `data:` URI that the server accepts. */
const MAX = 16 * 1024

/**
 * Redraws an image, so that only its pixels remain.
 * @returns a `data:` URI: a PNG, or a JPEG on white if the PNG is too large
 * @throws Error that names the field `logo` if the browser cannot read it
 */
export async function smallLogo(file: Blob): Promise<string> {
  const bitmap = await createImageBitmap(file).catch(() => {
    throw new Error('logo: an image that your browser can show')
  })
  const scale = Math.min(1, SIDE / bitmap.width, SIDE / bitmap.height)
  const canvas = document.createElement('canvas')
  canvas.width = canvas.height = SIDE
  const [width, height] = [bitmap.width * scale, bitmap.height * scale]
  const context = canvas.getContext('2d')
  const draw = (): void => context?.drawImage(bitmap, (SIDE - width) / 2, (SIDE - height) / 2, width, height)
  draw()
  const png = canvas.toDataURL('image/png')
  if (png.length <= MAX || !context) return png
  context.fillStyle = '#fff'
  context.fillRect(0, 0, SIDE, SIDE)
  draw()
  return canvas.toDataURL('image/jpeg', 0.8)
}
