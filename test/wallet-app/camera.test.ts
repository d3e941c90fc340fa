import assert from 'node:assert/strict'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import encodeQR from 'qr'
import { phone, Stage } from '../support/pages-stage.ts'
import { launchChromiumWith } from '../support/browser.ts'
import { button, create, heading } from './support/own-wallet.ts'

const [WIDTH, HEIGHT, SCALE] = [640, 480, 7]

/** A video of one picture, a QR code, as Chromium's fake camera plays it: 4:2:0, the code as luma. */
function videoOf(text: string): Buffer {
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

describe('the wallet’s page: the camera', () => {
  const stage = new Stage({})
  let folder: string
  let video: string

  before(async function () {
    folder = await mkdtemp(join(tmpdir(), 'wallet-camera-'))
    video = join(folder, 'code.y4m')
    await writeFile(video, videoOf('https://example.org/'))
    await stage.open(this, (context) =>
      launchChromiumWith(context, [
        '--use-fake-ui-for-media-stream',
        '--use-fake-device-for-media-stream',
        `--use-file-for-fake-video-capture=${video}`,
      ]),
    )
  })
  after(async () => {
    await stage.leave()
    await stage.close()
    await rm(folder, { recursive: true })
  })

  it('says that a code is of something else, and opens the request of one that is, without a question', async () => {
    const page = await stage.visit(`${stage.sandbox.walletUrl}#create`, {
      ...phone,
      permissions: ['camera'],
    })
    await create(page)
    await page.getByRole('link', { name: 'Scan a code' }).click()
    await page.getByText('This is not the link of a login request.').waitFor()

    const { asker, uuid, link } = await stage.request('Anonymous_Login')
    await writeFile(video, videoOf(link))
    await page.getByRole('link', { name: 'Activity' }).click()
    await page.getByRole('link', { name: 'Scan', exact: true }).click()
    await heading(page, 'Example site wants to log you in').waitFor()
    await button(page, 'Approve').click()
    await heading(page, 'Approved').waitFor()
    assert.equal((await asker.poll(uuid)).action, 'data-received')
  })
})
