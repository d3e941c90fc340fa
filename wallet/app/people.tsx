import type { JSX } from 'preact'
import { Button, Failure, useAction } from 'civic-ui'
import type { TestUser } from './config.ts'
import { Initials } from './initials.tsx'
import { canKeep, lock } from './own.ts'
import { current, leave, playTestUser, useStore } from './store.ts'

/** The screen for choosing a test user. */
export function People({ title, chosen }: { title: string; chosen: () => void }): JSX.Element {
  const { testUsers, identity } = useStore()
  const choice = useAction(async (user: TestUser) => {
    // Locks the wallet, so that no other person's keys stay open
    if (current().vault === 'open') lock()
    await playTestUser(user)
    chosen()
  })
  return (
    <section class="stack narrow">
      <h1 tabIndex={-1}>{title}</h1>
      <p class="soft">These are test users of the sandbox. They are invented, and their keys are public.</p>
      <Failure text={choice.failure} />
      <ul class="people card">
        {testUsers.map((user) => (
          <li key={user.id}>
            <button
              type="button"
              aria-current={user.id === identity?.id}
              aria-busy={choice.isRunning}
              onClick={() => choice.run(user)}
            >
              <Initials name={user.name} />
              <span class="grow">
                <strong>{user.name}</strong>
                <span class="soft small">{user.email}</span>
              </span>
            </button>
          </li>
        ))}
      </ul>
      <a class="button plain wide" href="#new">
        Add a test user
      </a>
      <Own chosen={chosen} />
    </section>
  )
}

/** The person's own wallet, besides the test users. */
function Own({ chosen }: { chosen: () => void }): JSX.Element | null {
  const { vault, identity } = useStore()
  if (!canKeep() || identity?.kind === 'own') return null
  return vault === 'none' ? (
    <a class="button quiet wide" href="#own">
      Use your own wallet
    </a>
  ) : (
    <Button
      kind="quiet"
      class="wide"
      onClick={() => {
        leave()
        chosen()
      }}
    >
      Unlock your own wallet
    </Button>
  )
}
