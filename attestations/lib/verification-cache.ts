/**
 * Verifies once what attestations of one tree share: the subject's signature, the grant and the anchoring transaction.
 * Make a new cache for each response.
 */
export class VerificationCache {
  readonly #results = new Map<string, Map<string, unknown>>()

  /**
   * @internal
   * @param kind the name of a computation without side effects
   * @param question everything that its result depends on
   */
  once<T>(kind: string, question: string, compute: () => T): T {
    let results = this.#results.get(kind)
    if (!results) this.#results.set(kind, (results = new Map<string, unknown>()))
    if (!results.has(question)) results.set(question, compute())
    return results.get(question) as T
  }
}
