/** Label to what the attester requires before it attests the label: a `code`, a `review` of a document, or `none`. */
export type Checks = Readonly<Record<string, string>>

/**
 * Asks an attester which labels it attests. It attests no others.
 *
 * @throws Error in words for people
 */
export async function checksOf(attester: string): Promise<Checks> {
  const response = await fetch(attester).catch(() => undefined)
  if (!response?.ok) throw new Error('The attester does not respond. Try again.')
  const body: unknown = await response.json().catch(() => undefined)
  if (!isObject(body) || !isObject(body['labels'])) throw new Error('This server is not an attester.')
  return Object.fromEntries(
    Object.entries(body['labels']).flatMap(([label, entry]) =>
      isObject(entry) && typeof entry['check'] === 'string' ? [[label, entry['check']]] : [],
    ),
  )
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null
}
