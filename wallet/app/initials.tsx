import type { JSX } from 'preact'
import { Icon } from './icons.tsx'
import type { Identity } from './identity.ts'

/** Who is at the wallet. */
export function Face({ identity: { kind, name } }: { identity: Identity }): JSX.Element {
  if (kind === 'test') return <Initials name={name} />
  return (
    <span class="initials" aria-hidden="true">
      <Icon name="person" />
    </span>
  )
}

/** Shows a person's initials. */
export function Initials({ name }: { name: string }): JSX.Element {
  const words = name.split(/[\s.]+/).filter((word) => word !== '')
  const letters = words
    .slice(0, 2)
    .map((word) => String.fromCodePoint(word.codePointAt(0) ?? 0).toUpperCase())
  return (
    <span class="initials" aria-hidden="true">
      {letters}
    </span>
  )
}
