import { createHmac, timingSafeEqual } from 'node:crypto'

/** The contents of a ticket, about its iframe page. */
export interface Embedding {
  readonly appId: string
  /** The origin of the page around it, from the browser's `Referer`; empty if the browser sent none. */
  readonly origin: string
}

/**
 * The iframe page of 2017 requests its QR code itself, so the request's `Origin` is the server's and does not show the
 * page around it. So the server puts a ticket into that page, which only the app's allowed domains may frame and no
 * other page can read. The ticket comes back with the request.
 *
 * A ticket alone allows nothing: its origin is checked against the app's allowed domains each time.
 */
export class FrameTickets {
  readonly #key: Buffer

  /** @param secret the server's, the same in all processes */
  constructor(secret: string) {
    this.#key = createHmac('sha256', secret).update('frame tickets').digest()
  }

  issue({ appId, origin }: Embedding): string {
    const text = Buffer.from(JSON.stringify([appId, origin])).toString('base64url')
    return `${text}.${this.#sign(text)}`
  }

  /** @returns the contents of a ticket of this server; undefined for anything else */
  read(ticket: string): Embedding | undefined {
    const [text = '', signature = ''] = ticket.split('.')
    const [expected, actual] = [Buffer.from(this.#sign(text)), Buffer.from(signature)]
    if (expected.length !== actual.length || !timingSafeEqual(expected, actual)) return undefined
    const [appId, origin] = JSON.parse(Buffer.from(text, 'base64url').toString()) as [string, string]
    return { appId, origin }
  }

  #sign(text: string): string {
    return createHmac('sha256', this.#key).update(text).digest('base64url')
  }
}
