import type { ComponentChildren, JSX } from 'preact'

/** The shield of the pages. */
export function Mark(): JSX.Element {
  return (
    <svg class="mark" viewBox="0 0 24 24" aria-hidden="true" focusable="false">
      <path d="M12 1.5 21 5v6.4c0 5.3-3.7 9.6-9 11.1-5.3-1.5-9-5.8-9-11.1V5z" />
      <path class="check" d="m7.8 12 2.9 2.9 5.5-5.8" />
    </svg>
  )
}

export type Tone = 'plain' | 'good' | 'wait' | 'bad'

export function Badge({
  tone = 'plain',
  children,
}: {
  tone?: Tone
  children: ComponentChildren
}): JSX.Element {
  return <span class={`badge ${tone}`}>{children}</span>
}

/** Why something failed. Its place is always there, so that screen readers hear what appears in it. */
export function Failure({ text }: { text: string }): JSX.Element {
  return (
    <div role="alert" class="failure">
      {text}
    </div>
  )
}

export function Button({
  kind = 'plain',
  busy = false,
  ...rest
}: {
  kind?: 'primary' | 'plain' | 'danger' | 'quiet'
  busy?: boolean
} & JSX.IntrinsicElements['button']): JSX.Element {
  return <button type="button" aria-busy={busy} {...rest} class={`button ${kind}`} />
}

/** A text with its label above, and a hint below. */
export function Field({
  label,
  hint,
  id,
  ...rest
}: { label: string; hint?: string; id: string } & JSX.IntrinsicElements['input']): JSX.Element {
  const described = hint === undefined ? {} : { 'aria-describedby': `${id}-hint` }
  return (
    <div class="field">
      <label for={id}>{label}</label>
      <input id={id} {...described} {...rest} />
      {hint !== undefined && (
        <p id={`${id}-hint`} class="hint">
          {hint}
        </p>
      )}
    </div>
  )
}
