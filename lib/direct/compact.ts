/** Decodes canonical base64url (RFC 4648 sections 3.5 and 5); undefined for any other text. */
export function decode(part: string): Buffer | undefined {
  const bytes = Buffer.from(part, 'base64url')
  return bytes.toString('base64url') === part ? bytes : undefined
}

/** Whether an object has exactly these members. */
export function hasExactly(value: object, ...members: readonly string[]): boolean {
  return Object.keys(value).sort().join() === members.toSorted().join()
}
