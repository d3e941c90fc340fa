import { Labels } from 'passport-civic-sip/user-data'

const WIDTH = 856
const HEIGHT = 540
const QUALITY = 0.8
const MAX_SIDE = 1600
const PLAIN = ['#dcebe2', '#2c6e49'] as const
const HUES = [PLAIN, ['#dbe7f3', '#2f5d8a'], ['#efe3f1', '#704a86'], ['#f5e6d8', '#8a5a2b']] as const

type Values = Readonly<Record<string, string>>

/**
 * Draws a test user's identity card: a specimen of an invented country, with a silhouette for a face.
 * @returns an SVG, as a data URI
 */
export function drawCard(values: Values): string {
  return `data:image/svg+xml,${encodeURIComponent(cardSvg(values))}`
}

/** A JPEG, as bytes and in base64. */
export interface Picture {
  readonly bytes: Uint8Array
  readonly base64: string
}

/** @returns the card as a photo */
export async function drawPicture(values: Values): Promise<Picture> {
  const image = new Image()
  image.src = drawCard(values)
  await image.decode()
  return pictureOf(image, WIDTH, HEIGHT)
}

/** A photo of a document, scaled down to the necessary size. @throws Error in words for people */
export async function pictureOfFile(file: Blob): Promise<Picture> {
  const image = await createImageBitmap(file).catch(() => undefined)
  if (!image) throw new Error('This is not a picture that the browser can read.')
  const scale = Math.min(1, MAX_SIDE / Math.max(image.width, image.height))
  return pictureOf(image, Math.round(image.width * scale), Math.round(image.height * scale))
}

function pictureOf(image: CanvasImageSource, width: number, height: number): Picture {
  const canvas = document.createElement('canvas')
  canvas.width = width
  canvas.height = height
  const context = canvas.getContext('2d')
  if (!context) throw new Error('This browser cannot take a picture of the card.')
  context.drawImage(image, 0, 0, width, height)
  const base64 = canvas.toDataURL('image/jpeg', QUALITY).split(',')[1] ?? ''
  return { bytes: Uint8Array.from(atob(base64), (byte) => byte.charCodeAt(0)), base64 }
}

function cardSvg(values: Values): string {
  const value = (label: string): string => values[label] ?? ''
  const number = value(Labels.DOCUMENT_NUMBER)
  const [paper, ink] = HUES[Number(number.slice(-2)) % HUES.length] ?? PLAIN
  const rows: readonly [name: string, value: string][] = [
    ['Name', value(Labels.DOCUMENT_NAME)],
    ['Date of birth', value(Labels.DOCUMENT_DATE_OF_BIRTH)],
    ['Date of issue', value(Labels.DOCUMENT_DATE_OF_ISSUE)],
    ['Date of expiry', value(Labels.DOCUMENT_DATE_OF_EXPIRY)],
  ]
  const waves = Array.from({ length: 14 }, (_, index) => {
    const y = 90 + index * 34
    return `<path d="M0 ${y}c120-60 214 60 428 0s308 60 428 0"/>`
  }).join('')
  const texts = rows.map(([name, text], index) => {
    const y = 190 + index * 68
    return `<text x="300" y="${y}" font-size="20" fill="${ink}">${name}</text>
<text x="300" y="${y + 32}" font-size="30" font-weight="600"${fit(text)}>${escape(text)}</text>`
  })
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${HEIGHT}" width="${WIDTH}" height="${HEIGHT}" font-family="system-ui, Roboto, Helvetica, Arial, sans-serif">
<rect width="${WIDTH}" height="${HEIGHT}" fill="${paper}"/>
<g fill="none" stroke="${ink}" stroke-opacity=".16" stroke-width="2">${waves}</g>
<rect width="${WIDTH}" height="104" fill="${ink}"/>
<g fill="#fff"><text x="48" y="50" font-size="28" font-weight="700" letter-spacing="3">UTOPIA</text>
<text x="48" y="82" font-size="21" opacity=".9">${escape(value(Labels.DOCUMENT_TYPE))}</text>
<text x="808" y="66" font-size="28" font-weight="600" letter-spacing="2" text-anchor="end">${escape(number)}</text></g>
<rect x="48" y="146" width="212" height="276" rx="12" fill="#fff" fill-opacity=".75"/>
<clipPath id="photo"><rect x="48" y="146" width="212" height="276" rx="12"/></clipPath>
<g clip-path="url(#photo)" fill="${ink}" fill-opacity=".55"><circle cx="154" cy="250" r="54"/><path d="M54 430c0-70 42-108 100-108s100 38 100 108z"/></g>
<g fill="#16201b">${texts.join('\n')}</g>
<text x="48" y="484" font-size="26" font-weight="700" letter-spacing="8" fill="${ink}" fill-opacity=".75">SPECIMEN</text>
<g transform="translate(716 440)" fill="none" stroke="${ink}" stroke-width="3"><circle cx="48" cy="30" r="44"/><circle cx="48" cy="30" r="30" stroke-opacity=".5"/><path d="m30 30 13 13 24-26" stroke-linecap="round" stroke-linejoin="round" stroke-width="5"/></g>
</svg>`
}

/** Compresses a long name, so that it fits on the card. */
function fit(text: string): string {
  return text.length > 28 ? ' textLength="510" lengthAdjust="spacingAndGlyphs"' : ''
}

const ENTITIES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' }

function escape(text: string): string {
  return text.replace(/[&<>"]/g, (character) => ENTITIES[character] ?? '')
}
