import type { TargetedSubmitEvent } from 'preact'
import { sentence } from './ask.ts'

/** For a form's `onSubmit`: passes the values of its fields by their names, and stays on the page. */
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

/** Why a form was refused: with a field, what to say beside it. */
export interface Problem {
  readonly field?: string
  readonly text: string
}

/**
 * The server's messages begin with the name of the field that is wrong, or the path to it, as in
 * `name: a text of 1 to 80 characters`.
 * @param names of the fields that the form has
 */
export function problemOf(failure: string, names: readonly string[]): Problem {
  const [, path = '', text = ''] = /^([\w.]+): (.+)$/s.exec(failure) ?? []
  const field = path.split('.').find((part) => names.includes(part))
  return field === undefined ? { text: failure } : { field, text: sentence(text) }
}

/** @returns the error of one of the form's fields, for its `error` */
export function errorOf({ field, text }: Problem, name: string): { error?: string } {
  return field === name ? { error: text } : {}
}
