import { refusedBy } from './attester-responses.ts'
import type { Http, JsonResponse } from './http.ts'

/** What an attester says about itself: `GET {attester}` (docs/wallet-protocol.md#attester-calls). */
export interface AttesterDocument {
  /** Xpubs. */
  readonly authorities: readonly string[]
  /** What each label needs: `code`, `review` or `none`. A label that is missing here is not attested. */
  readonly checks: Readonly<Record<string, string>>
}

interface Known {
  readonly document: Promise<AttesterDocument>
  /** When it is fetched again, in milliseconds since the epoch. */
  readonly until: number
}

const MAX_BYTES = 64 * 1024
const MAX_AGE_MS = 5 * 60_000

/** The attesters' documents, fetched once for many calls. */
export class AttesterDocuments {
  readonly #http: Http
  readonly #clock: () => number
  readonly #known = new Map<string, Known>()

  constructor(http: Http, clock: () => number) {
    this.#http = http
    this.#clock = clock
  }

  /** @throws WalletError */
  async of(attester: string): Promise<AttesterDocument> {
    const now = this.#clock()
    const known = this.#known.get(attester)
    if (known && now < known.until) return known.document
    const document = this.#http.send(attester, { maxBytes: MAX_BYTES }).then(read)
    this.#known.set(attester, { document, until: now + MAX_AGE_MS })
    document.catch(() => this.forget(attester))
    return document
  }

  /** Called after a failure, because the attester's document may have changed. */
  forget(attester: string): void {
    this.#known.delete(attester)
  }
}

/** @throws WalletError */
function read(response: JsonResponse): AttesterDocument {
  const { status, json } = response
  if (status !== 200 || json['version'] !== 1) throw refusedBy(response, 'it is no attester')
  const { authorities } = json
  const labels = Object.entries((json['labels'] ?? {}) as Record<string, { check?: unknown } | null>)
  return {
    authorities: Array.isArray(authorities) ? (authorities as string[]) : [],
    checks: Object.fromEntries(
      labels.flatMap(([label, how]) => (typeof how?.check === 'string' ? [[label, how.check]] : [])),
    ),
  }
}
