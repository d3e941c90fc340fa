import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, mkdtemp, readdir, rename, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { FileInUse, lockFile } from '../../sip/lib/file-lock.ts'

const TRIES = 20

/** Leaves a socket as a process that was killed does. */
async function leaveDeadSocket(name: string): Promise<void> {
  const server = createServer().listen(`${name}.x`)
  await once(server, 'listening')
  await rename(`${name}.x`, name)
  server.close()
  await once(server, 'close')
}

/** Lets several start at the same time. @returns what the winners give the file back with */
async function startAll(path: string, count: number): Promise<(() => Promise<void>)[]> {
  const results = await Promise.allSettled(Array.from({ length: count }, () => lockFile(path)))
  return results.flatMap((result) => {
    if (result.status === 'fulfilled') return [result.value]
    assert.ok(result.reason instanceof FileInUse, String(result.reason))
    return []
  })
}

/** A process that locks the file when it is told to, and gives it back. */
class Locker {
  readonly child: ChildProcess
  readonly #lines: AsyncIterator<string>

  constructor(path: string) {
    const module = new URL('../../sip/dist/file-lock.js', import.meta.url).href
    const script = `const { lockFile } = await import(${JSON.stringify(module)})
      let unlock = async () => undefined
      console.log('ready')
      for await (const line of (await import('node:readline')).createInterface({ input: process.stdin })) {
        if (line === 'lock') console.log(await lockFile(${JSON.stringify(path)}).then((fn) => (unlock = fn, 'won'), (e) => e.name))
        else console.log(await unlock().then(() => 'free'))
      }`
    this.child = spawn(process.execPath, ['--input-type=module', '-e', script], {
      stdio: ['pipe', 'pipe', 'inherit'],
    })
    this.#lines = createInterface({ input: this.child.stdout! })[Symbol.asyncIterator]()
  }

  async said(): Promise<string> {
    return (await this.#lines.next()).value as string
  }

  tell(what: 'lock' | 'unlock'): Promise<string> {
    this.child.stdin!.write(`${what}\n`)
    return this.said()
  }

  async kill(): Promise<void> {
    if (this.child.exitCode !== null || this.child.signalCode !== null) return
    const exited = once(this.child, 'exit')
    this.child.kill('SIGKILL')
    await exited
  }
}

describe('sandbox: the lock of a file', () => {
  let folder: string
  let path: string
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'lock-'))
    path = join(folder, 'state.json')
  })
  afterEach(() => rm(folder, { recursive: true }))

  it('belongs to one process until that releases it, and leaves nothing behind', async () => {
    const unlock = await lockFile(path)
    await assert.rejects(
      lockFile(path),
      (error: Error) => error instanceof FileInUse && error.message.includes(path),
    )
    const other = await lockFile(join(folder, 'other.json'))
    await unlock()
    await (
      await lockFile(path)
    )()
    await other()
    assert.deepEqual(await readdir(folder), [])
  })

  it('is refused for a missing folder', async () => {
    await assert.rejects(lockFile(join(folder, 'nowhere', 'state.json')), { code: 'ENOENT' })
  })

  it(`is won by exactly one of several who start at once, each of ${TRIES} times`, async () => {
    for (let i = 0; i < TRIES; i += 1) {
      const winners = await startAll(path, 4)
      assert.equal(winners.length, 1)
      await winners[0]!()
    }
    assert.deepEqual(await readdir(folder), [])
  })

  it(`is taken over from the dead by exactly one, each of ${TRIES} times`, async () => {
    for (let i = 0; i < TRIES; i += 1) {
      await leaveDeadSocket(`${path}.${'0'.repeat(11)}${i % 10}.lock`)
      await leaveDeadSocket(`${path}.${'f'.repeat(11)}${i % 10}.lock`)
      const winners = await startAll(path, 4)
      assert.equal(winners.length, 1)
      await winners[0]!()
    }
    assert.deepEqual(await readdir(folder), [])
  })

  it(`is won by exactly one of two processes, each of ${TRIES} times, and free once they are killed`, async () => {
    const lockers = [new Locker(path), new Locker(path)]
    try {
      await Promise.all(lockers.map((locker) => locker.said()))
      for (let i = 0; i < TRIES; i += 1) {
        const said = await Promise.all(lockers.map((locker) => locker.tell('lock')))
        assert.deepEqual(said.sort(), ['FileInUse', 'won'])
        await Promise.all(lockers.map((locker) => locker.tell('unlock')))
      }
      await Promise.all(lockers.map((locker) => locker.tell('lock')))
      await assert.rejects(lockFile(path), FileInUse)
    } finally {
      for (const locker of lockers) await locker.kill()
    }
    assert.equal((await readdir(folder)).length, 1)
    await (
      await lockFile(path)
    )()
    assert.deepEqual(await readdir(folder), [])
  })

  it('does not affect a file whose name begins the same way', async () => {
    await writeFile(`${path}.txt.lock`, '')
    const unlock = await lockFile(`${path}.other`)
    await (
      await lockFile(path)
    )()
    await unlock()
    assert.ok((await readdir(folder)).includes('state.json.txt.lock'))
  })

  it('works in a folder whose path is too long for a socket', async () => {
    const deep = join(folder, 'x'.repeat(60), 'y'.repeat(60))
    await mkdir(deep, { recursive: true })
    const unlock = await lockFile(join(deep, 'state.json'))
    await assert.rejects(lockFile(join(deep, 'state.json')), FileInUse)
    await unlock()
    await (
      await lockFile(join(deep, 'state.json'))
    )()
    assert.deepEqual(await readdir(deep), [])
  })
})
