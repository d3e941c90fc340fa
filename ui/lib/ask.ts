/** The server's refusal, with its message. */
export class Refusal extends Error {
  override readonly name = 'Refusal'
  /** HTTP status; 0 if there was no response. */
  readonly status: number

  constructor(status: number, message: string) {
    super(message)
    this.status = status
  }
}

/** The message if the server does not respond. */
export const SILENCE = 'The server does not respond. Is it running?'
/** The window's events after each call, which tell whether the server responded. */
export const SILENT = 'civic-silent'
export const ANSWERED = 'civic-answered'

/**
 * Calls one of the server's JSON APIs.
 *
 * @param call method and path, such as `POST /attester/codes`
 * @param body sent as JSON
 * @returns the response's body; undefined if it has none
 * @throws Refusal
 */
export async function ask<T>(call: string, body?: object): Promise<T> {
  const [method = '', path = ''] = call.split(' ')
  const sent =
    body === undefined ? {} : { headers: { 'Content-Type': 'application/json' }, body: JSON.stringify(body) }
  let response: Response
  try {
    response = await fetch(path, { method, ...sent })
  } catch {
    dispatchEvent(new Event(SILENT))
    throw new Refusal(0, SILENCE)
  }
  dispatchEvent(new Event(ANSWERED))
  const answer = await readJson(response)
  if (!response.ok) throw new Refusal(response.status, messageOf(answer))
  return answer as T
}

async function readJson(response: Response): Promise<unknown> {
  const text = await response.text()
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

function messageOf(answer: unknown): string {
  const message = (answer as { message?: unknown } | undefined)?.message
  return typeof message === 'string' ? sentence(message) : 'The server refused this without a reason.'
}

/** Makes the server's message, which may start with a field's name or in lower case, a sentence. */
export function sentence(text: string): string {
  const capital = /^[\w.]+:/.test(text) ? text : text.charAt(0).toUpperCase() + text.slice(1)
  return /[.!?]$/.test(capital) ? capital : `${capital}.`
}
