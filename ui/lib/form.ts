import type { TargetedSubmitEvent } from 'preact'

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
