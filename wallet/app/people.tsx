import type { JSX } from 'preact'
import { useEffect, useState } from 'preact/hooks'
import { Button, Failure } from 'civic-ui'
import { useAction } from 'civic-ui'
import { Initials } from './initials.tsx'
import { forget, use } from './keep.ts'
import type { Holder, PersonSummary } from './keep.ts'
import { madeUpPeople, madeUpPerson } from './made-up.ts'

/** The people in this wallet, and the sandbox's other test users. */
export function People({
  holders,
  title,
  chosen,
}: {
  holders: readonly Holder[]
  title: string
  chosen: () => void
}): JSX.Element {
  const [residents, setResidents] = useState<readonly PersonSummary[]>([])
  const list = useAction(async () => setResidents(await madeUpPeople()))
  useEffect(() => list.run(), [])
  const choice = useAction(async ({ id }: PersonSummary) => {
    use(holders.find((holder) => holder.id === id) ?? (await madeUpPerson(id)))
    chosen()
  })
  const remove = useAction(({ id }: PersonSummary) => forget(id))
  const others = residents.filter(({ id }) => !holders.some((holder) => holder.id === id))
  return (
    <section class="stack">
      <h1>{title}</h1>
      {holders.length === 0 && (
        <p class="soft">
          These are test users. Choose one: the wallet makes a key for this user, and the key never leaves
          this browser.
        </p>
      )}
      <Failure text={list.failure || choice.failure || remove.failure} />
      {holders.length > 0 && <PeopleList people={holders} choose={choice.run} remove={remove.run} />}
      {others.length > 0 && (
        <>
          {holders.length > 0 && <h2>Add another</h2>}
          <PeopleList people={others} choose={choice.run} />
        </>
      )}
      <a class="button plain wide" href="#new">
        Add a test user
      </a>
    </section>
  )
}

function PeopleList({
  people,
  choose,
  remove,
}: {
  people: readonly PersonSummary[]
  choose: (person: PersonSummary) => void
  remove?: (person: PersonSummary) => void
}): JSX.Element {
  return (
    <ul class="people card">
      {people.map((person) => (
        <li key={person.id}>
          <button type="button" onClick={() => choose(person)}>
            <Initials name={person.name} />
            <span class="grow">
              <strong>{person.name}</strong>
              <span class="soft small">{person.email}</span>
            </span>
          </button>
          {remove && (
            <Button
              kind="quiet"
              aria-label={`Remove ${person.name} from this wallet`}
              onClick={() => remove(person)}
            >
              Remove
            </Button>
          )}
        </li>
      ))}
    </ul>
  )
}
