import assert from 'node:assert/strict'
import { PassThrough } from 'node:stream'
import { openTerminal } from '../../../sip/lib/recovery/terminal.ts'

describe('civic-sip-server recover: its questions', () => {
  for (const isTTY of [true, false])
    describe(isTTY ? 'on a terminal' : 'through a pipe', () => {
      let input: PassThrough & { isTTY?: boolean }
      let output: PassThrough
      let terminal: ReturnType<typeof openTerminal>
      const shown = (): string => String(output.read() ?? '')
      beforeEach(() => {
        input = Object.assign(new PassThrough(), { isTTY })
        output = new PassThrough()
        terminal = openTerminal(input, output)
      })
      afterEach(() => terminal.close())

      it('are answered by a line each, of which none is lost', async () => {
        input.write('secret\nyes\n')
        assert.equal(await terminal.ask('Key: ', { hidden: true }), 'secret')
        assert.equal(await terminal.ask('Sure? '), 'yes')
        assert.match(shown(), /^Key: \nSure\? /)
      })

      it('do not show a hidden answer, now or later', async () => {
        const key = terminal.ask('Key: ', { hidden: true })
        for (const letter of 'sex\x7fcret\x1b[D') input.write(letter)
        input.write('\n')
        await key
        const sure = terminal.ask('Sure? ')
        // The line before, as shells show it
        input.write('\x1b[A')
        input.end('yes\n')
        await sure
        assert.doesNotMatch(shown(), /se|cret|x/)
      })

      it('end with the input', async () => {
        const key = terminal.ask('Key: ', { hidden: true })
        input.end()
        assert.equal(await key, undefined)
        assert.equal(await terminal.ask('Sure? '), undefined)
      })
    })

  it('end with Ctrl+C', async () => {
    const input = Object.assign(new PassThrough(), { isTTY: true })
    const terminal = openTerminal(input, new PassThrough())
    const key = terminal.ask('Key: ', { hidden: true })
    input.write('sec\x03')
    assert.equal(await key, undefined)
  })
})
