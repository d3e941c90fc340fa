/** By label, what an attester asks for before it attests it: a `code`, a `review` of a document, or `none`. */
export type Checks = Readonly<Record<string, string>>

/**
 * Asks an attester what it attests. A label that it does not name is not attested.
 *
 * @throws Error in words for people
 */
export async function checksOf(attester: string): Promise<Checks> {
  const response = await fetch(attester).catch(() => undefined)
  if (!response?.ok) throw new Error('The attester does not respond. Try again.')
  const { labels } = (await response.json()) as { labels: Readonly<Record<string, { check: string }>> }
  return Object.fromEntries(Object.entries(labels).map(([label, { check }]) => [label, check]))
}
