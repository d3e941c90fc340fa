import { Labels } from 'passport-civic-sip/user-data'
import { ask } from 'civic-ui'
import type { Person, PersonSummary } from './keep.ts'

const PICTURE: readonly string[] = [Labels.DOCUMENT_IMAGE, Labels.DOCUMENT_IMAGE_MD5]

/** The sandbox's test users. */
export function madeUpPeople(): Promise<PersonSummary[]> {
  return ask('GET /wallet/api/people')
}

export async function madeUpPerson(id: string): Promise<Person> {
  return withoutPicture(await ask(`GET /wallet/api/people/${id}`))
}

/** @param description what is left out is filled in, always in the same way */
export async function makeUp(description: Readonly<Record<string, string>>): Promise<Person> {
  return withoutPicture(await ask('POST /wallet/api/people', description))
}

/** The wallet takes its own picture of the card. */
function withoutPicture(person: Person): Person {
  const values = Object.entries(person.values).filter(([label]) => !PICTURE.includes(label))
  return { ...person, values: Object.fromEntries(values) }
}
