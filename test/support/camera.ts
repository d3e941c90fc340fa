import encodeQR from 'qr'

const [WIDTH, HEIGHT, SCALE] = [640, 480, 7]

/** A video of one picture, a QR code, as Chromium's fake camera plays it: 4:2:0, the code as luma. */
export function videoOf(text: string): Buffer {
  const code = encodeQR(text, 'raw', { ecc: 'medium' })
  const [left, top] = [WIDTH, HEIGHT].map((side) => Math.floor((side - code.length * SCALE) / 2))
  const luma = Buffer.alloc(WIDTH * HEIGHT, 235)
  for (let y = 0; y < code.length * SCALE; y++) {
    for (let x = 0; x < code.length * SCALE; x++) {
      const isDark = code[Math.floor(y / SCALE)]![Math.floor(x / SCALE)]!
      luma[(y + top!) * WIDTH + x + left!] = isDark ? 16 : 235
    }
  }
  const chroma = Buffer.alloc((WIDTH * HEIGHT) / 2, 128)
  const header = Buffer.from(`YUV4MPEG2 W${WIDTH} H${HEIGHT} F10:1 Ip A1:1 C420jpeg\n`)
  return Buffer.concat([header, Buffer.from('FRAME\n'), luma, chroma])
}

/** The switches by which Chromium plays a video as its camera. @param file a `.y4m` */
export function cameraOf(file: string): string[] {
  return [
    '--use-fake-ui-for-media-stream',
    '--use-fake-device-for-media-stream',
    `--use-file-for-fake-video-capture=${file}`,
  ]
}
