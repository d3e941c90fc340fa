import type { TargetedSubmitEvent } from 'preact'
import { sentence } from './ask.ts'

/** For a form's `onSubmit`: passes the fields' values by name, and stays on the page. */
export function withFields(act: (fields: Readonly<Record<string, string>>) => void) {
  return (event: TargetedSubmitEvent<HTMLFormElement>): void => {
    event.preventDefault()
    const fields = [...new FormData(event.currentTarget)].map(
      ([name, value]) => [name, textOf(value)] as const,
    )
    act(Object.fromEntries(fields))
  }
}

function textOf(value: FormDataEntryValue): string {
  return typeof value === 'string' ? value.trim() : ''
}

/** Why a form was refused, and the field to show it beside. */
export interface Problem {
  readonly field?: string
  readonly text: string
}

/**
 * Finds the field of a server's message, which begins with the field's name or path, as in `name: a text of 1 to 80
 * characters`.
 * @param names the form's fields
 */
export function problemOf(failure: string, names: readonly string[]): Problem {
  const [, path = '', text = ''] = /^([\w.]+): (.+)$/s.exec(failure) ?? []
  const field = path.split('.').find((part) => names.includes(part))
  return field === undefined ? { text: failure } : { field, text: sentence(text) }
}

/** @returns the error of one field, for its `error` */
export function errorOf({ field, text }: Problem, name: string): { error?: string } {
  return field === name ? { error: text } : {}
}
