import { decodePicture } from './helper.ts'

const BETWEEN_MS = 150
/** Larger pictures take longer and help no more. */
const MAX_SIDE = 1200

interface Detector {
  detect: (source: HTMLVideoElement) => Promise<readonly { readonly rawValue: string }[]>
}

interface WithDetector {
  BarcodeDetector?: {
    new (options: { formats: string[] }): Detector
    getSupportedFormats: () => Promise<string[]>
  }
}

export interface CameraEvents {
  /** @returns whether it was the right code */
  readonly found: (text: string) => boolean
  readonly failed: (why: string) => void
}

export function canUseCamera(): boolean {
  return isSecureContext && 'mediaDevices' in navigator
}

/** Shows the camera's picture, and looks for a code in it. @returns a function that stops it */
export function watchCamera(video: HTMLVideoElement, { found, failed }: CameraEvents): () => void {
  let isOver = false
  let stream: MediaStream | undefined
  const hasStopped = (): boolean => isOver
  const stop = (): void => {
    isOver = true
    for (const track of stream?.getTracks() ?? []) track.stop()
  }
  const watch = async (): Promise<void> => {
    stream = await navigator.mediaDevices.getUserMedia({ video: { facingMode: 'environment' } })
    // The person may have left while the browser asked for permission
    if (hasStopped()) {
      stop()
      return
    }
    video.srcObject = stream
    await video.play()
    const look = await looker(video)
    for (;;) {
      const text = await look()
      if (text !== undefined && found(text)) stop()
      if (hasStopped()) return
      await new Promise((resolve) => setTimeout(resolve, BETWEEN_MS))
    }
  }
  watch().catch(() =>
    failed('The camera cannot be used. Allow it for this page, or take a photo of the code.'),
  )
  return stop
}

/** Uses the browser if it can read codes, otherwise the wallet's worker. */
async function looker(video: HTMLVideoElement): Promise<() => Promise<string | undefined>> {
  const { BarcodeDetector } = globalThis as WithDetector
  const formats = (await BarcodeDetector?.getSupportedFormats().catch(() => [])) ?? []
  if (BarcodeDetector && formats.includes('qr_code')) {
    const detector = new BarcodeDetector({ formats: ['qr_code'] })
    return async () => (await detector.detect(video))[0]?.rawValue
  }
  return () => decodePicture(draw(video, video.videoWidth, video.videoHeight))
}

/** @throws Error in words for people */
export async function pixelsOf(file: Blob): Promise<ImageData> {
  const image = await createImageBitmap(file).catch(() => undefined)
  if (!image) throw new Error('This is not a picture that the browser can read.')
  return draw(image, image.width, image.height)
}

function draw(source: CanvasImageSource, width: number, height: number): ImageData {
  const scale = Math.min(1, MAX_SIDE / Math.max(width, height, 1))
  const canvas = document.createElement('canvas')
  canvas.width = Math.max(1, Math.round(width * scale))
  canvas.height = Math.max(1, Math.round(height * scale))
  const context = canvas.getContext('2d', { willReadFrequently: true })
  if (!context) throw new Error('This browser cannot look at pictures.')
  context.drawImage(source, 0, 0, canvas.width, canvas.height)
  return context.getImageData(0, 0, canvas.width, canvas.height)
}
