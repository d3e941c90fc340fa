import assert from 'node:assert/strict'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { cameraOf, videoOf } from '../support/camera.ts'
import { phone, Stage } from '../support/pages-stage.ts'
import { button, create, heading } from '../support/own-wallet.ts'

describe('the wallet’s page: the camera', () => {
  const stage = new Stage({})
  let folder: string
  let video: string

  before(async function () {
    folder = await mkdtemp(join(tmpdir(), 'wallet-camera-'))
    video = join(folder, 'code.y4m')
    await writeFile(video, videoOf('https://example.org/'))
    await stage.open(this, cameraOf(video))
  })
  after(async () => {
    await stage.leave()
    await stage.close()
    await rm(folder, { recursive: true })
  })

  it('says that a code is not a login request, and opens one that is without a question', async () => {
    const page = await stage.visit(`${stage.sandbox.walletUrl}#create`, {
      ...phone,
      permissions: ['camera'],
    })
    await create(page)
    await page.getByRole('link', { name: 'Scan a code' }).click()
    await page.getByText('This is not the link of a login request.').waitFor()

    const { asker, uuid, link } = await stage.request('Anonymous_Login')
    // The camera is off meanwhile: it plays the file again and again
    await page.getByRole('link', { name: 'Activity' }).click()
    await heading(page, 'Activity').waitFor()
    await writeFile(video, videoOf(link))
    await page.getByRole('link', { name: 'Scan', exact: true }).click()
    await heading(page, 'Example site wants to log you in').waitFor()
    await button(page, 'Approve').click()
    await heading(page, 'Approved').waitFor()
    assert.equal((await asker.poll(uuid)).action, 'data-received')
  })
})
