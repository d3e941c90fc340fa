import type { JSX } from 'preact'

/** The numbered words of a wallet. */
export function Words({ words }: { words: string }): JSX.Element {
  return (
    <ol class="words card pad">
      {words.split(' ').map((word, index) => (
        <li key={index}>{word}</li>
      ))}
    </ol>
  )
}
