import assert from 'node:assert/strict'
import { COMMANDS, HELP, parse } from '../../sip/lib/command.ts'

describe('civic-sip-server: its arguments', () => {
  it('name one command', () => {
    assert.deepEqual(parse(['start']), { run: 'start', flags: new Set(), values: {} })
    assert.deepEqual(parse(['check', '--help']), { run: 'help' })
    assert.deepEqual(parse(['-h']), { run: 'help' })
    assert.deepEqual(parse(['--version']), { run: 'version' })
  })

  it('are all in the help', () => {
    for (const [name, { summary, flags, values = {} }] of Object.entries(COMMANDS)) {
      assert.ok(HELP.includes(`  ${name.padEnd(22)}${summary}`))
      for (const [flag, does] of Object.entries(flags)) {
        assert.match(HELP, new RegExp(`^    --${flag} +${does}$`, 'm'))
        assert.deepEqual(parse([name, `--${flag}`]), { run: name, flags: new Set([flag]), values: {} })
      }
      for (const [option, [what, does]] of Object.entries(values)) {
        assert.match(HELP, new RegExp(`^    --${option} ${what} +${does}$`, 'm'))
        const values = { [option]: 'x' }
        assert.deepEqual(parse([name, `--${option}`, 'x']), { run: name, flags: new Set(), values })
      }
    }
    for (const line of HELP.split('\n')) assert.ok(line.length <= 120)
  })

  it('are refused by name', () => {
    for (const [args, message] of [
      [[], /^Name a command/],
      [['stop'], /^There is no command "stop"$/],
      [['toString'], /^There is no command/],
      [['start', 'now'], /^start: it takes no further words$/],
      [['start', '--fast'], /--fast/],
      [['start', '--operator'], /^start: --operator is an option of another command$/],
      [['start', '--to', 'x'], /^start: --to is an option of another command$/],
      [['recover', '--to'], /--to/],
    ] as const)
      assert.throws(() => parse(args), { message })
  })
})
