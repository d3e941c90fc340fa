import { argon2id } from 'hash-wasm'
import { decodeQR } from 'qr/decode.js'
import type { Done, Job } from './wire.ts'

interface Scope {
  onmessage: ((event: MessageEvent<{ id: number; job: Job }>) => void) | null
  postMessage: (done: Done) => void
}

// Slow work: deriving keys from passphrases, and reading codes in pictures
const scope = globalThis as unknown as Scope
scope.onmessage = ({ data: { id, job } }) => {
  run(job).then(
    (result) => scope.postMessage({ id, result }),
    (error: unknown) => scope.postMessage({ id, failure: (error as Error).message }),
  )
}

async function run(job: Job): Promise<Uint8Array | string | undefined> {
  if (job.kind === 'decode') return decode(job)
  const { passphrase, way } = job
  return argon2id({
    password: passphrase,
    salt: way.salt,
    memorySize: way.memory,
    iterations: way.passes,
    parallelism: 1,
    hashLength: 32,
    outputType: 'binary',
  })
}

function decode({ width, height, data }: Extract<Job, { kind: 'decode' }>): string | undefined {
  try {
    return decodeQR({ width, height, data })
  } catch {
    // Most pictures of a camera contain no code
    return undefined
  }
}
