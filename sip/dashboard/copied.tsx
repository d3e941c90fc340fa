import type { JSX } from 'preact'
import { useState } from 'preact/hooks'
import { Button } from 'civic-ui'

/** A value to copy into a configuration. Over plain http from another machine, browsers offer no clipboard. */
export function Copied({ name, value }: { name: string; value: string }): JSX.Element {
  const [isCopied, setCopied] = useState(false)
  const copy = (): void => {
    navigator.clipboard.writeText(value).then(
      () => setCopied(true),
      () => setCopied(false),
    )
  }
  return (
    <div class="copied">
      <dt>{name}</dt>
      <dd>
        <code>{value}</code>
        {window.isSecureContext && (
          <Button kind="quiet" aria-label={`Copy ${name}`} onClick={copy} onBlur={() => setCopied(false)}>
            {isCopied ? 'Copied' : 'Copy'}
          </Button>
        )}
      </dd>
    </div>
  )
}
