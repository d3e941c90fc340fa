import type { JSX } from 'preact'
import { Labels } from 'passport-civic-sip/user-data'
import type { AttestationSet } from 'passport-civic-sip/user-data'
import { withFields, labelName, Button, Failure, Field, useAction } from 'civic-ui'
import type { Identity } from './identity.ts'
import { keep } from './store.ts'

interface Asked {
  readonly label: string
  readonly type?: string
  readonly autocomplete?: string
  readonly hint?: string
}

const FIELDS: Readonly<Record<AttestationSet, readonly Asked[]>> = {
  attCivicBasic: [
    { label: Labels.EMAIL, type: 'email', autocomplete: 'email', hint: 'You get a code there.' },
    {
      label: Labels.PHONE_NUMBER,
      type: 'tel',
      autocomplete: 'tel',
      hint: 'With its country code: +1 202 555 0143',
    },
  ],
  attCivicIdentity: [
    { label: Labels.DOCUMENT_TYPE, hint: 'As on the document: Passport, ID Card' },
    { label: Labels.DOCUMENT_NUMBER, autocomplete: 'off' },
    { label: Labels.DOCUMENT_NAME, autocomplete: 'name' },
    { label: Labels.DOCUMENT_DATE_OF_BIRTH, type: 'date', autocomplete: 'bday' },
    { label: Labels.DOCUMENT_DATE_OF_ISSUE, type: 'date' },
    { label: Labels.DOCUMENT_DATE_OF_EXPIRY, type: 'date' },
    { label: Labels.DOCUMENT_COUNTRY, hint: 'Three letters, as on the document: USA' },
  ],
  attCivicResidence: [
    { label: Labels.ADDRESS_STREET, autocomplete: 'street-address' },
    { label: Labels.ADDRESS_CITY, autocomplete: 'address-level2' },
    { label: Labels.ADDRESS_POSTAL_CODE, autocomplete: 'postal-code' },
    { label: Labels.ADDRESS_COUNTRY, autocomplete: 'country-name' },
  ],
}

interface Props {
  readonly set: AttestationSet
  readonly identity: Identity
  /** The labels to ask for. */
  readonly only: readonly string[]
  readonly saved: () => void
}

/** Whether the person has not typed all of these labels yet. */
export function isUntyped({ values }: Identity, set: AttestationSet, only: readonly string[]): boolean {
  return fieldsOf(set, only).some(({ label }) => values[label] === undefined)
}

function fieldsOf(set: AttestationSet, only: readonly string[]): readonly Asked[] {
  return FIELDS[set].filter(({ label }) => only.includes(label))
}

/** The form for a person's claims of one set, before they are verified. */
export function OwnValues({ set, identity, only, saved }: Props): JSX.Element {
  const asked = fieldsOf(set, only)
  const save = useAction(async (fields: Readonly<Record<string, string>>) => {
    const empty = asked.find(({ label }) => (fields[label] ?? '') === '')
    if (empty) throw new Error(`${labelName(empty.label)} is missing.`)
    const level = set === 'attCivicIdentity' ? { [Labels.IDENTITY_LEVEL]: 'CIVIC:IAL1' } : {}
    await keep(identity, { values: { ...identity.values, ...fields, ...level } })
    saved()
  })
  return (
    <form class="stack" noValidate onSubmit={withFields(save.run)}>
      {asked.map(({ label, type = 'text', hint, autocomplete = 'off' }) => (
        <Field
          key={label}
          id={label}
          name={label}
          label={labelName(label)}
          type={type}
          autocomplete={autocomplete}
          defaultValue={identity.values[label] ?? ''}
          {...(hint !== undefined && { hint })}
        />
      ))}
      <Failure text={save.failure} />
      <Button kind="primary" type="submit" busy={save.isRunning}>
        Continue
      </Button>
    </form>
  )
}
