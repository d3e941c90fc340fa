import type { JSX } from 'preact'
import { useState } from 'preact/hooks'
import { Button } from './components.tsx'

/**
 * A button that copies a text. Browsers have no clipboard over plain http from another machine: then there is no
 * button.
 */
export function CopyButton({ name, text }: { name: string; text: string }): JSX.Element | null {
  const [isCopied, setCopied] = useState(false)
  const copy = (): void => {
    navigator.clipboard.writeText(text).then(
      () => setCopied(true),
      () => setCopied(false),
    )
  }
  if (!window.isSecureContext) return null
  return (
    <Button kind="quiet" aria-label={`Copy ${name}`} onClick={copy} onBlur={() => setCopied(false)}>
      <span aria-live="polite">{isCopied ? 'Copied' : 'Copy'}</span>
    </Button>
  )
}

/** One value of a list, to copy into a configuration. */
export function Copied({ name, of, value }: { name: string; of?: string; value: string }): JSX.Element {
  return (
    <div class="copied">
      <dt>{name}</dt>
      <dd>
        <code>{value}</code>
        <CopyButton name={of === undefined ? name : `${name} of ${of}`} text={value} />
      </dd>
    </div>
  )
}

/** Lines of code to copy. */
export function Snippet({ name, text }: { name: string; text: string }): JSX.Element {
  return (
    <figure class="snippet" aria-label={name}>
      <figcaption>
        <span class="grow">{name}</span>
        <CopyButton name={name} text={text} />
      </figcaption>
      {/* It scrolls where it is long: by keyboard, too */}
      <pre tabIndex={0}>
        <code>{text}</code>
      </pre>
    </figure>
  )
}
