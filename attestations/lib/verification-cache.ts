/**
 * What was verified of one response: attestations of one tree share their subject's signature, their grant and their
 * anchoring transaction, which are verified once. Make a new one for each response.
 */
export class VerificationCache {
  readonly #results = new Map<string, unknown>()

  /**
   * @internal
   * @param question names a computation without side effects, with all that it depends on
   */
  once<T>(question: readonly string[], compute: () => T): T {
    const name = JSON.stringify(question)
    if (!this.#results.has(name)) this.#results.set(name, compute())
    return this.#results.get(name) as T
  }
}
