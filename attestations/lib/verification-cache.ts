/**
 * Verifies once what attestations of one tree share: the subject's signature, the grant and the anchoring transaction.
 * Make a new cache for each response.
 */
export class VerificationCache {
  readonly #results = new Map<string, unknown>()

  /**
   * @internal
   * @param question the name of a computation without side effects, and everything that its result depends on
   */
  once<T>(question: readonly string[], compute: () => T): T {
    const name = JSON.stringify(question)
    if (!this.#results.has(name)) this.#results.set(name, compute())
    return this.#results.get(name) as T
  }
}
