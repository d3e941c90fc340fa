import type { JSX } from 'preact'
import { Mark } from 'civic-ui'
import { canKeep } from './own.ts'
import { useStore } from './store.ts'

/** The first screen of a new wallet. */
export function Welcome(): JSX.Element {
  const { testUsers } = useStore()
  return (
    <section class="welcome narrow">
      <Mark />
      <h1 tabIndex={-1}>Your identity, in your pocket</h1>
      <p class="lead">
        This wallet keeps your verified details on this device. You log in to sites with it, and decide each
        time what they get.
      </p>
      {canKeep() ? (
        <div class="stack tight wide">
          <a class="button primary wide" href="#create">
            Create a wallet
          </a>
          <a class="button plain wide" href="#restore">
            I have a wallet already
          </a>
        </div>
      ) : (
        <p class="note wait">
          This page was loaded without encryption, so it cannot keep your wallet. Only test users may be used
          here.
        </p>
      )}
      {testUsers.length > 0 && (
        <a class="button quiet wide" href="#people">
          Use a test user
        </a>
      )}
    </section>
  )
}
