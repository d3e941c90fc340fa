import type { JSX } from 'preact'

/** Stands for a person where there is no face. */
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
