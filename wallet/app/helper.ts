import { scriptUrl } from './trusted.ts'
import type { Derivation, Done, Job } from './wire.ts'

let worker: Worker | undefined
let last = 0
const waiting = new Map<number, (done: Done) => void>()

function send(job: Job): Promise<Done['result']> {
  worker ??= start()
  const id = (last += 1)
  worker.postMessage({ id, job })
  return new Promise((resolve, reject) => {
    waiting.set(id, ({ result, failure }) => {
      if (failure === undefined) resolve(result)
      else reject(new Error(failure))
    })
  })
}

function start(): Worker {
  const started = new Worker(scriptUrl('worker.js'))
  started.addEventListener('message', ({ data }: MessageEvent<Done>) => {
    waiting.get(data.id)?.(data)
    waiting.delete(data.id)
  })
  return started
}

/** Derives 32 bytes from a passphrase. */
export async function derive(passphrase: string, way: Derivation): Promise<Uint8Array<ArrayBuffer>> {
  return (await send({
    kind: 'derive',
    passphrase: passphrase.normalize('NFKC'),
    way,
  })) as Uint8Array<ArrayBuffer>
}

/** The text of the QR code in a picture; undefined if it has none. */
export async function decodePicture({ width, height, data }: ImageData): Promise<string | undefined> {
  return (await send({ kind: 'decode', width, height, data })) as string | undefined
}
