import { createServer } from 'node:net'
import type { Socket } from 'node:net'
import { listen } from '../../support/http.ts'
import type { Listening } from '../../support/http.ts'

export interface RawSip extends Listening {
  readonly api: string
  /** How many requests came in whole. */
  readonly requests: () => number
}

/** A SIP that answers a whole request with whatever bytes, and as slowly, as the script says. */
export async function rawSip(script: (socket: Socket) => unknown): Promise<RawSip> {
  let requests = 0
  const server = createServer((socket) => {
    let text = ''
    socket.on('error', () => socket.destroy())
    socket.on('data', (chunk: Buffer) => {
      text += chunk.toString('latin1')
      if (!text.endsWith('}') && !(text.startsWith('GET ') && text.endsWith('\r\n\r\n'))) return
      text = ''
      requests++
      script(socket)
    })
  })
  const listening = await listen(server)
  return { ...listening, api: `${listening.origin}/sip/`, requests: () => requests }
}

/** Writes without end, as fast as the other side reads and no faster. */
export function flood(socket: Socket, chunk: Uint8Array | string): void {
  const more = (): void => {
    while (!socket.destroyed && socket.write(chunk));
  }
  socket.on('drain', more)
  more()
}
