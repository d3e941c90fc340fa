import { render } from 'preact'
import type { JSX } from 'preact'
import { useCallback, useEffect, useState } from 'preact/hooks'
import { Mark, useEvery, useFragment } from 'civic-ui'
import { ActivityList } from './activity.tsx'
import { AnchorPage } from './anchor-page.tsx'
import { refresh } from './attesting.ts'
import { loadConfig } from './config.ts'
import { Create } from './create.tsx'
import { ExportOffer } from './export.tsx'
import { Home } from './home.tsx'
import { Icon } from './icons.tsx'
import type { Identity } from './identity.ts'
import { Face } from './initials.tsx'
import { NewTestUser } from './new-test-user.tsx'
import { canKeep, lockWhenAway } from './own.ts'
import { People } from './people.tsx'
import { readRecord } from './record.ts'
import { Busy, Request } from './request.tsx'
import { Restore } from './restore.tsx'
import { routeOf } from './route.ts'
import type { Route } from './route.ts'
import { Scan } from './scan.tsx'
import { Settings } from './settings.tsx'
import { begin, current, lastTestUser, playTestUser, useStore } from './store.ts'
import { Unlock } from './unlock.tsx'
import { Updates } from './updates.tsx'
import { Welcome } from './welcome.tsx'

const SOON_MS = 2000
const LATER_MS = 15_000
const TITLES: Readonly<Record<Route['at'], string>> = {
  request: 'A login request',
  home: 'Civic wallet',
  people: 'Test users',
  new: 'Add a test user',
  own: 'A wallet of your own',
  create: 'Create a wallet',
  restore: 'Restore a wallet',
  scan: 'Scan a code',
  activity: 'Activity',
  anchor: 'Where this is anchored',
  settings: 'Settings',
}

const PLACES = [
  { place: 'home', href: '#', name: 'Wallet', icon: 'wallet' },
  { place: 'scan', href: '#scan', name: 'Scan', icon: 'scan' },
  { place: 'activity', href: '#activity', name: 'Activity', icon: 'activity' },
  { place: 'settings', href: '#settings', name: 'Settings', icon: 'settings' },
] as const

function Wallet(): JSX.Element {
  const { identity, config } = useStore()
  const hasTestUsers = config.testUsers !== undefined
  const route = routeOf(useFragment(), hasTestUsers)
  useRefresh(identity)
  useEffect(() => {
    document.title = route.at === 'home' ? TITLES.home : `${TITLES[route.at]} · ${TITLES.home}`
  }, [route.at])
  useEffect(() => {
    if (route.at !== 'request') document.querySelector('h1')?.focus()
  }, [route.at, identity?.id])
  return (
    <div class="app">
      <header>
        <a class="brand" href="#">
          <Mark />
          Civic wallet
        </a>
        {identity && route.at !== 'request' && <Navigation at={route.at} isOwn={identity.kind === 'own'} />}
        {identity && hasTestUsers && (
          <a class="person" href="#people">
            <Face identity={identity} />
            <span class="unseen">{ownerOf(identity)}: change the person</span>
          </a>
        )}
      </header>
      <main>
        <Updates />
        <Insecure />
        <Reminder at={route.at} />
        <Screen route={route} identity={identity} />
      </main>
    </div>
  )
}

function ownerOf({ kind, name }: Identity): string {
  return kind === 'own' ? name : `Wallet of ${name}`
}

function Navigation({ at, isOwn }: { at: Route['at']; isOwn: boolean }): JSX.Element {
  const places = PLACES.filter(({ place }) => isOwn || place !== 'settings')
  return (
    <nav aria-label="Wallet">
      {places.map(({ place, href, name, icon }) => (
        <a key={place} href={href} {...(place === at && { 'aria-current': 'page' as const })}>
          <Icon name={icon} />
          {name}
        </a>
      ))}
    </nav>
  )
}

function Screen({ route, identity }: { route: Route; identity: Identity | undefined }): JSX.Element {
  const { vault, testUsers } = useStore()
  const [isChoosing, setChoosing] = useState(false)
  const home = (): void => {
    location.hash = ''
  }
  switch (route.at) {
    case 'new':
      return <NewTestUser done={home} />
    case 'own':
      return <Welcome />
    case 'create':
      return <Create done={home} />
    case 'restore':
      return <Restore done={home} />
    case 'people':
      return <People title="Whose wallet is this?" chosen={home} />
    case 'request': {
      const { link } = route
      if (isChoosing)
        return <People title="Who responds to this request?" chosen={() => setChoosing(false)} />
      if (identity) {
        const key = `${identity.id} ${link}`
        return <Request key={key} link={link} identity={identity} choose={() => setChoosing(true)} />
      }
      if (vault === 'locked') return <Unlock title="Unlock to respond to the request" />
      // A link must not lead to a screen where people type their words
      return testUsers.length > 0 ? (
        <People title="Who responds to this request?" chosen={() => setChoosing(false)} />
      ) : (
        <Welcome />
      )
    }
  }
  if (!identity) return <Nobody />
  switch (route.at) {
    case 'scan':
      return <Scan />
    case 'anchor':
      return <AnchorPage set={route.set} identity={identity} />
    case 'activity':
      return <ActivityList identity={identity} />
    case 'settings':
      return identity.kind === 'own' ? <Settings identity={identity} /> : <Home identity={identity} />
    case 'home':
      return <Home identity={identity} />
  }
}

/** The screens without an identity. */
function Nobody(): JSX.Element {
  const { vault, testUsers } = useStore()
  if (vault === 'locked') return <Unlock title="Unlock your wallet" />
  return testUsers.length > 0 ? (
    <People title="Whose wallet is this?" chosen={() => (location.hash = '')} />
  ) : (
    <Welcome />
  )
}

/** Warns about plain http from another machine, which anybody on the network can read. */
function Insecure(): JSX.Element | null {
  if (isSecureContext) return null
  return (
    <p class="note wait reminder">This page was loaded without encryption. Use it with test users only.</p>
  )
}

/**
 * Reminds the person to write down the words, without which a lost device is a lost wallet, and to save a file, without
 * which the verified details are lost.
 */
function Reminder({ at }: { at: Route['at'] }): JSX.Element | null {
  const { identity, areWordsKept } = useStore()
  // A request that somebody else started is no occasion for the words
  if (identity?.kind !== 'own' || at === 'settings' || at === 'request') return null
  if (areWordsKept) return at === 'home' ? <ExportOffer identity={identity} /> : null
  return (
    <p class="note wait reminder">
      Write down the words of your wallet, so that you can bring it back.{' '}
      <a href="#settings">Show the words</a>
    </p>
  )
}

function useRefresh(identity: Identity | undefined): void {
  const isWaiting = (identity?.kept.wallet?.pending.length ?? 0) > 0
  const act = useCallback(async () => {
    const now = current().identity
    if (now) await refresh(now)
  }, [identity?.id])
  useEvery(isWaiting ? SOON_MS : LATER_MS, act, identity !== undefined)
}

async function start(root: HTMLElement): Promise<void> {
  render(<Busy title="Opening the wallet…" />, root)
  try {
    const [config, record] = await Promise.all([loadConfig(), canKeep() ? readRecord() : undefined])
    const hasPasskey = record?.ways.some(({ kind }) => kind === 'passkey') ?? false
    begin(config, { vault: record ? 'locked' : 'none', hasPasskey })
    lockWhenAway()
    const user = lastTestUser()
    if (user) await playTestUser(user)
    render(<Wallet />, root)
  } catch (error) {
    render(<Failed message={(error as Error).message} />, root)
  }
}

function Failed({ message }: { message: string }): JSX.Element {
  return (
    <div class="middle" role="alert">
      <h1 tabIndex={-1}>That did not work</h1>
      <p class="soft">{message}</p>
      <a class="button primary" href="">
        Reload
      </a>
    </div>
  )
}

const root = document.getElementById('wallet')
if (root) void start(root)
