import type { JSX } from 'preact'
import type { ComponentChildren } from 'preact'
import { Button, errorOf, Failure, Field, problemOf, withFields } from 'civic-ui'
import type { Action } from 'civic-ui'
import type { NewUser, User } from './api.ts'

const PLAIN = [
  ['name', 'Name'],
  ['email', 'Email'],
  ['phoneNumber', 'Phone number'],
  ['dateOfBirth', 'Date of birth'],
] as const
const DOCUMENT = [
  ['number', 'Number of the document'],
  ['dateOfExpiry', 'Document expires'],
] as const
const ADDRESS = [
  ['street', 'Street'],
  ['city', 'City'],
  ['postalCode', 'Postal code'],
] as const
const NAMES = [...PLAIN, ...DOCUMENT, ...ADDRESS].map(([name]) => name)

const DATES: readonly string[] = ['dateOfBirth', 'dateOfExpiry']

/** The details of a test user. For a new one, all are optional. */
export function UserForm({
  user,
  yes,
  save,
  children,
}: {
  user?: User
  /** The label of the button. */
  yes: string
  save: Action<[NewUser]>
  /** Other actions, beside the button. */
  children: ComponentChildren
}): JSX.Element {
  const problem = problemOf(save.failure, NAMES)
  const field = (name: (typeof NAMES)[number], label: string, value = ''): JSX.Element => (
    <Field
      key={name}
      id={name}
      name={name}
      label={label}
      defaultValue={value}
      placeholder={DATES.includes(name) ? 'YYYY-MM-DD' : ''}
      autocomplete="off"
      spellcheck={false}
      {...errorOf(problem, name)}
    />
  )
  return (
    <form class="stack" noValidate onSubmit={withFields((texts) => save.run(changeOf(texts, user)))}>
      <div class="fields">
        {PLAIN.map(([name, label]) => field(name, label, user?.[name]))}
        {DOCUMENT.map(([name, label]) => field(name, label, user?.document[name]))}
        {ADDRESS.map(([name, label]) => field(name, label, user?.address[name]))}
      </div>
      <Failure text={problem.field === undefined ? problem.text : ''} />
      <div class="row wrap">
        <Button kind="primary" type="submit" busy={save.isRunning}>
          {yes}
        </Button>
        {children}
      </div>
    </form>
  )
}

/** The values that the person changed. */
function changeOf(texts: Readonly<Record<string, string>>, user: User | undefined): NewUser {
  const changed = <K extends string>(
    names: readonly (readonly [K, string])[],
    before: Readonly<Record<K, string>> | undefined,
  ): Partial<Record<K, string>> =>
    Object.fromEntries(
      names.flatMap(([name]) => (texts[name] === (before?.[name] ?? '') ? [] : [[name, texts[name]]])),
    ) as Partial<Record<K, string>>
  const [document, address] = [changed(DOCUMENT, user?.document), changed(ADDRESS, user?.address)]
  return {
    ...changed(PLAIN, user),
    ...(Object.keys(document).length > 0 && { document }),
    ...(Object.keys(address).length > 0 && { address }),
  }
}
