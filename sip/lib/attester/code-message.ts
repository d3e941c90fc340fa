import type { Mail } from './mailer.ts'

/**
 * The message with a person's code.
 * @param host the host of the requesting wallet, if known
 */
export function codeMessage(
  code: string,
  host: string | undefined,
): Required<Pick<Mail, 'subject' | 'text' | 'html'>> {
  const where = host === undefined ? 'in the wallet that asked for it' : `at ${host}`
  const rest = `It works for ten minutes. If you did not ask for it, ignore this message.`
  return {
    subject: 'Verify your email address',
    text: `Your code is ${code}. Type it only ${where}. ${rest}`,
    html: [
      '<!doctype html><html lang="en"><body style="font-family: sans-serif; line-height: 1.5">',
      `<p>Your code is <strong style="font-size: 1.5em">${escaped(code)}</strong></p>`,
      `<p>Type it only ${escaped(where)}. ${rest}</p>`,
      '</body></html>',
    ].join('\n'),
  }
}

const ENTITIES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' }

function escaped(text: string): string {
  return text.replace(/[&<>"]/g, (character) => ENTITIES[character] ?? '')
}
