import assert from 'node:assert/strict'
import { mkdtemp, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { askRunning, listenToCommands } from '../../../sip/lib/operations/admin-socket.ts'

describe('civic-sip-server: the admin socket', () => {
  let folder: string
  let close: () => Promise<void>
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'civic-sip-server-'))
    close = await listenToCommands(folder, {
      invite: (flags) => Promise.resolve({ lines: [[...flags].join()], isDone: true }),
      check: () => Promise.reject(new SyntaxError('"ada@example.org" is not JSON')),
    })
  })
  afterEach(async () => {
    await close()
    await rm(folder, { recursive: true })
  })

  it('has the running server carry out a command, with its options', async () => {
    assert.deepEqual(await askRunning(folder, 'invite', new Set(['operator'])), {
      lines: ['operator'],
      isDone: true,
    })
  })

  it('is for its owner only', async () => {
    assert.equal((await stat(join(folder, 'admin.sock'))).mode & 0o777, 0o600)
  })

  it('says that a command failed, without what the error quotes', async () => {
    assert.deepEqual(await askRunning(folder, 'check', new Set()), {
      lines: ['This did not work: SyntaxError'],
      isDone: false,
    })
  })

  it('refuses what the server does not know', async () => {
    const said = await askRunning(folder, 'toString', new Set())
    assert.equal(said?.isDone, false)
  })

  it('knows that no server runs, without a socket or with one of a killed process', async () => {
    const other = await mkdtemp(join(folder, 'other-'))
    assert.equal(await askRunning(other, 'check', new Set()), undefined)
    await writeFile(join(other, 'admin.sock'), '')
    assert.equal(await askRunning(other, 'check', new Set()), undefined)
    const reopened = await listenToCommands(other, {})
    await reopened()
  })
})
