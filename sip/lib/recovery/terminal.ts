import { createInterface } from 'node:readline'
import { Writable } from 'node:stream'
import type { Dialog } from './recover.ts'

/** A terminal if `isTTY` is true, else a pipe or a file. */
export type TerminalInput = NodeJS.ReadableStream & { readonly isTTY?: boolean }

export interface Terminal extends Dialog {
  close(): void
}

/**
 * Asks on a terminal, or reads a line of a pipe for each answer. The end of the input, or Ctrl+C, ends every question.
 */
export function openTerminal(input: TerminalInput, output: NodeJS.WritableStream): Terminal {
  const isTerminal = input.isTTY === true
  // What is typed before the question may be the answer to a hidden one
  let isHidden = true
  // A terminal in raw mode echoes nothing by itself
  const echo = new Writable({
    write: (chunk: Buffer, _encoding, done) => {
      if (!isHidden) output.write(chunk)
      done()
    },
  })
  const reader = createInterface({ input, output: echo, terminal: isTerminal, prompt: '', historySize: 0 })
  reader.on('SIGINT', () => reader.close())
  // From now on, so that it loses no line
  const lines: AsyncIterator<string, unknown> = reader[Symbol.asyncIterator]()
  const say = (line: string): void => void output.write(`${line}\n`)
  return {
    say,
    ask: async (question, { hidden = false } = {}) => {
      output.write(question)
      isHidden = hidden || !isTerminal
      const next = await lines.next()
      isHidden = true
      // The line end that was typed is not shown either
      if (hidden || !isTerminal) say('')
      return next.done === true ? undefined : next.value
    },
    close: () => reader.close(),
  }
}
