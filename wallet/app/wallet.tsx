import { render } from 'preact'
import type { JSX } from 'preact'
import { useCallback, useState } from 'preact/hooks'
import { uuidOf } from '../lib/hosted/wallet-core.ts'
import { Mark } from 'civic-ui'
import { useEvery, useFragment } from 'civic-ui'
import { Home } from './home.tsx'
import { Initials } from './initials.tsx'
import { refresh } from './issuing.ts'
import { activeHolder, useKept } from './keep.ts'
import type { Holder } from './keep.ts'
import { NewPerson } from './new-person.tsx'
import { People } from './people.tsx'
import { Request } from './request.tsx'

const SOON_MS = 2000
const LATER_MS = 15_000

function Wallet(): JSX.Element {
  const state = useKept()
  const { holders } = state
  const holder = activeHolder(state)
  const fragment = useFragment()
  useRefresh(holder)
  return (
    <div class="phone">
      <header>
        <a class="brand" href="#">
          <Mark />
          Civic wallet
        </a>
        {holder && (
          <a class="person" href="#people" aria-label={`Wallet of ${holder.name}: change the person`}>
            <Initials name={holder.name} />
          </a>
        )}
      </header>
      <main>
        <Screen fragment={fragment} holder={holder} holders={holders} />
      </main>
    </div>
  )
}

function Screen({
  fragment,
  holder,
  holders,
}: {
  fragment: string
  holder: Holder | undefined
  holders: readonly Holder[]
}): JSX.Element {
  /** The request that the chosen person responds to, if the wallet has several. */
  const [chosenFor, choose] = useState('')
  const uuid = uuidIn(fragment)
  if (fragment === 'new') return <NewPerson done={() => history.back()} />
  if (uuid !== undefined) {
    const isSettled = holder && (holders.length === 1 || chosenFor === uuid)
    if (isSettled) return <Request key={uuid} uuid={uuid} holder={holder} />
    const chosen = (): void => choose(uuid)
    return <People holders={holders} title="Who responds to this request?" chosen={chosen} />
  }
  if (fragment === 'people' || !holder) {
    const title = holders.length === 0 ? 'Whose wallet is this?' : 'People in this wallet'
    return <People holders={holders} title={title} chosen={() => (location.hash = '')} />
  }
  return <Home holder={holder} />
}

function useRefresh(holder: Holder | undefined): void {
  const isWaiting = Object.values(holder?.held ?? {}).some(({ status }) => status === 'temporary')
  const act = useCallback(async () => {
    if (holder) await refresh(holder)
  }, [holder])
  useEvery(isWaiting ? SOON_MS : LATER_MS, act, holder !== undefined)
}

function uuidIn(fragment: string): string | undefined {
  try {
    return uuidOf(fragment)
  } catch {
    return undefined
  }
}

const root = document.getElementById('wallet')
if (root) render(<Wallet />, root)
