import type { JSX } from 'preact'
import { useEffect, useState } from 'preact/hooks'
import {
  Badge,
  Button,
  Confirm,
  Failure,
  focusHeading,
  Missing,
  Refusal,
  setName,
  useAction,
  useScreen,
} from 'civic-ui'
import { api, OF } from './api.ts'
import type { NewUser, User } from './api.ts'
import { UserForm } from './user-form.tsx'

/** Makes a test user. */
export function NewUserForm(): JSX.Element {
  useScreen('New test user', OF)
  const save = useAction(async (description: NewUser) => {
    const { id } = await api.makeUser(description)
    location.hash = `person/${id}`
  })
  return (
    <>
      <p>
        <a href="#people">All test users</a>
      </p>
      <section class="card pad stack" aria-labelledby="new">
        <h1 tabIndex={-1} id="new">
          New test user
        </h1>
        <p class="soft">
          The sandbox fills in what you leave out. The same details give the same test user again.
        </p>
        <UserForm yes="Make test user" save={save}>
          <a class="button quiet" href="#people">
            Cancel
          </a>
        </UserForm>
      </section>
    </>
  )
}

/** One test user: details and attestations. */
export function OneUser({ id }: { id: string }): JSX.Element | null {
  const [user, setUser] = useState<User | null>()
  const load = useAction(async () => {
    try {
      setUser(await api.user(id))
    } catch (error) {
      if (!(error instanceof Refusal) || error.status !== 404) throw error
      setUser(null)
    }
  })
  useEffect(() => load.run(), [id])
  if (user) return <Shown user={user} changed={setUser} />
  if (user === undefined) return load.failure === '' ? null : <Failure text={load.failure} />
  return (
    <Missing what="There is no such test user" of={OF}>
      <p>
        <a href="#people">All test users</a>
      </p>
    </Missing>
  )
}

function Shown({ user, changed }: { user: User; changed: (user: User) => void }): JSX.Element {
  const { id, name, attested } = user
  useScreen(name, OF)
  const [done, setDone] = useState('')
  const [isAsking, ask] = useState(false)
  const save = useAction(async (change: NewUser) => {
    changed(await api.editUser(id, change))
    setDone('Saved. The wallet without a screen verifies the new details at the next login.')
    focusHeading()
  })
  const revoke = async (): Promise<void> => {
    const { count } = await api.revoke(id)
    changed(await api.user(id))
    setDone(count === 1 ? '1 attestation revoked.' : `${count} attestations revoked.`)
    requestAnimationFrame(() => focusHeading('#attested'))
  }
  return (
    <>
      <p>
        <a href="#people">All test users</a>
      </p>
      <h1 tabIndex={-1}>{name}</h1>
      <p role="status" class="notice">
        {done}
      </p>
      <div class="columns">
        <section class="card pad stack" aria-labelledby="details">
          <h2 id="details">Details</h2>
          <UserForm key={JSON.stringify(user)} user={user} yes="Save" save={save}>
            {' '}
          </UserForm>
        </section>
        <div class="stack">
          <section class="card pad stack tight" aria-labelledby="attested">
            <h2 id="attested" tabIndex={-1}>
              Attested
            </h2>
            {attested.length === 0 ? (
              <p class="soft small">Nothing at the moment. A wallet verifies details when a site asks.</p>
            ) : (
              <>
                <ul class="lines">
                  {attested.map(({ set, txid, vout }) => (
                    <li key={`${txid}:${vout}`} class="row">
                      <a class="grow" href={`/#attestation/${txid}:${vout}`}>
                        {setName(set)}
                      </a>
                      <Badge tone="good">valid</Badge>
                    </li>
                  ))}
                </ul>
                <div>
                  <Button kind="danger" onClick={() => ask(true)}>
                    Revoke all of {name}
                  </Button>
                </div>
              </>
            )}
          </section>
          <section class="card pad stack tight" aria-labelledby="in-tests">
            <h2 id="in-tests">In tests</h2>
            <p class="soft small">
              <code>user: '{id}'</code>
            </p>
          </section>
        </div>
      </div>
      {isAsking && (
        <Confirm
          title={`Revoke everything attested of ${name}?`}
          text="Sites see it as no longer valid. This cannot be undone: wallets must have it verified again."
          yes="Revoke all"
          act={revoke}
          close={() => ask(false)}
        />
      )}
    </>
  )
}
