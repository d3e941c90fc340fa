import type { ComponentChildren, JSX } from 'preact'
import { useLayoutEffect } from 'preact/hooks'

/** The pages' logo. */
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

/** An error message. The element always exists, so that screen readers announce the text. */
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

interface FieldProps {
  id: string
  label: string
  hint?: string
  /** What is wrong with the value. If set, the field gets the focus. */
  error?: string
}

/** A text field with its label above, and an error and a hint below. */
export function Field({
  label,
  hint,
  error,
  ...rest
}: FieldProps & JSX.IntrinsicElements['input']): JSX.Element {
  return (
    <Labelled {...{ id: rest.id, label, hint, error }}>
      <input {...described({ id: rest.id, hint, error })} {...rest} />
    </Labelled>
  )
}

/** The same with several lines. */
export function TextArea({
  label,
  hint,
  error,
  ...rest
}: FieldProps & JSX.IntrinsicElements['textarea']): JSX.Element {
  return (
    <Labelled {...{ id: rest.id, label, hint, error }}>
      <textarea {...described({ id: rest.id, hint, error })} {...rest} />
    </Labelled>
  )
}

/** A choice of one option, with its label above. */
export function Choice({
  label,
  hint,
  error,
  ...rest
}: FieldProps & JSX.IntrinsicElements['select']): JSX.Element {
  return (
    <Labelled {...{ id: rest.id, label, hint, error }}>
      <select {...described({ id: rest.id, hint, error })} {...rest} />
    </Labelled>
  )
}

/** Something that is so or not, with what is wrong with it and a hint below. */
export function Check({
  label,
  hint,
  error = '',
  ...rest
}: Omit<FieldProps, 'label'> & { label: ComponentChildren } & JSX.IntrinsicElements['input']): JSX.Element {
  return (
    <div class="field">
      <label class="choice">
        <input type="checkbox" {...described({ id: rest.id, hint: undefined, error })} {...rest} />
        <span>
          {label}
          {hint !== undefined && <span class="hint">{hint}</span>}
        </span>
      </label>
      <WhatIsWrong id={rest.id} error={error} />
    </div>
  )
}

interface About {
  id: string
  hint: string | undefined
  error: string | undefined
}

function Labelled({
  id,
  label,
  hint,
  error = '',
  children,
}: About & { label: string; children: ComponentChildren }): JSX.Element {
  return (
    <div class="field">
      <label for={id}>{label}</label>
      {children}
      <WhatIsWrong id={id} error={error} />
      {hint !== undefined && (
        <p id={`${id}-hint`} class="hint">
          {hint}
        </p>
      )}
    </div>
  )
}

/** Beside the field, which gets the focus. */
function WhatIsWrong({ id, error }: { id: string; error: string }): JSX.Element | null {
  useLayoutEffect(() => {
    if (error !== '') document.getElementById(id)?.focus()
  }, [id, error])
  if (error === '') return null
  return (
    <p id={`${id}-error`} class="error">
      {error}
    </p>
  )
}

function described({ id, hint, error = '' }: About): {
  'aria-describedby'?: string
  'aria-invalid'?: boolean
} {
  const ids = [error !== '' && `${id}-error`, hint !== undefined && `${id}-hint`].filter(Boolean)
  return {
    ...(ids.length > 0 && { 'aria-describedby': ids.join(' ') }),
    ...(error !== '' && { 'aria-invalid': true }),
  }
}
