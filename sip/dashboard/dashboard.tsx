import { render } from 'preact'
import type { JSX } from 'preact'
import { useCallback, useEffect, useState } from 'preact/hooks'
import { Desk, Failure, Missing, Refusal, Stopped, useAction, useFragment, useStopped } from 'civic-ui'
import { api, OF } from './api.ts'
import type { App, Me, SecretKeys, Settings } from './api.ts'
import { AppPage } from './app.tsx'
import { Apps } from './apps.tsx'
import { Attestations, OneAttestation } from './attestations.tsx'
import { Documents } from './documents.tsx'
import { Join, LogIn } from './log-in.tsx'
import { NewAppForm } from './new-app.tsx'
import { ALL } from './request-filter.tsx'
import type { Filter } from './request-filter.tsx'
import { OneRequest } from './one-request.tsx'
import { Operator } from './operator.tsx'
import { Requests } from './requests.tsx'
import { Team } from './team.tsx'
import { TransactionPage } from './transaction.tsx'
import { useActivities } from './use-activities.ts'
import type { Activities } from './use-activities.ts'
import { hasReturned, resume } from './wallet-login.ts'

interface PageEntry {
  readonly at: string
  readonly name: string
  readonly below: readonly string[]
}

const APPS: PageEntry = { at: '', name: 'Apps', below: ['app', 'new'] }
const REQUESTS: PageEntry = { at: 'requests', name: 'Requests', below: ['request'] }
const ATTESTATIONS: PageEntry = {
  at: 'attestations',
  name: 'Attestations',
  below: ['attestation', 'transaction'],
}
const DOCUMENTS: PageEntry = { at: 'documents', name: 'Documents', below: [] }
const OPERATOR: PageEntry = { at: 'operator', name: 'Operator', below: [] }

/** The pages that a person may see; without accounts, everybody sees all of them. */
function pagesFor(me: Me | undefined): readonly PageEntry[] {
  if (!me) return [APPS, REQUESTS, ATTESTATIONS]
  const hasSeveral = me.memberships.length > 1
  const teams = me.memberships.map(({ partnerId, partnerName }) => ({
    at: `team/${partnerId}`,
    name: hasSeveral ? `Team of ${partnerName}` : 'Team',
    below: [],
  }))
  const isReviewer = me.memberships.some(({ role }) => role === 'REVIEWER')
  const desk = isReviewer ? [DOCUMENTS] : []
  return [APPS, REQUESTS, ...teams, ...desk, ...(me.isOperator ? [ATTESTATIONS, OPERATOR] : [])]
}

/** The server responds with 401 to a person who is not logged in. */
const LOG_IN = 401

/** The dashboard's visitor. On a server with accounts, people log in or join first. */
function Root(): JSX.Element {
  const fragment = useFragment()
  const [place = '', detail = ''] = fragment.split('/', 2)
  /** `null` if nobody is logged in. */
  const [who, setWho] = useState<{ settings: Settings; me: Me | undefined } | null>()
  const [failure, setFailure] = useState('')
  const load = useAction(async () => {
    try {
      const settings = await api.settings()
      setWho({ settings, me: settings.hasAccounts ? await api.me() : undefined })
    } catch (error) {
      if (!(error instanceof Refusal) || error.status !== LOG_IN) throw error
      setWho(null)
    }
  })
  const home = (): void => {
    location.hash = ''
    load.run()
  }
  useEffect(() => {
    if (!hasReturned) load.run()
    // A wallet on this device has led back: what it was for is done first
    else
      resume().then(home, (error: unknown) => {
        setFailure((error as Error).message)
        load.run()
      })
  }, [])
  if (place === 'join')
    return (
      <Desk brand={OF} pages={[]} links={[]}>
        <Join token={detail} done={home} />
      </Desk>
    )
  if (who === null)
    return (
      <Desk brand={OF} pages={[]} links={[]}>
        <LogIn done={() => load.run()} failure={failure} />
      </Desk>
    )
  if (who) return <Dashboard known={who.settings} me={who.me} loggedOut={() => setWho(null)} reload={home} />
  return (
    <Desk brand={OF} pages={[]} links={[]}>
      <Failure text={load.failure} />
    </Desk>
  )
}

function Dashboard({
  known,
  me,
  loggedOut,
  reload,
}: {
  known: Settings
  me: Me | undefined
  loggedOut: () => void
  /** Reloads who is logged in. */
  reload: () => void
}): JSX.Element {
  const fragment = useFragment()
  const [place = '', detail] = fragment.split('/', 2)
  const [settings, setSettings] = useState(known)
  const [apps, setApps] = useState<readonly App[]>()
  /** New keys, whose secrets are shown until the person leaves the app's page. */
  const [fresh, setFresh] = useState<SecretKeys>()
  const activities = useActivities()
  // Still there when somebody comes back from one request
  const [filter, setFilter] = useState(ALL)
  const stopped = useStopped()
  const load = useAction(async () => {
    try {
      setSettings(await api.settings())
      setApps(await api.apps())
    } catch (error) {
      if (!(error instanceof Refusal) || error.status !== LOG_IN) throw error
      loggedOut()
    }
  })
  const logOut = useAction(async () => {
    await api.logOut()
    loggedOut()
  })
  useEffect(() => load.run(), [place])
  useEffect(() => setFresh((keys) => (place === 'app' ? keys : undefined)), [fragment])

  const changed = useCallback((app: App) => {
    setApps((all = []) => {
      const isNew = !all.some(({ appId }) => appId === app.appId)
      return isNew ? [...all, app] : all.map((other) => (other.appId === app.appId ? app : other))
    })
  }, [])
  const removed = useCallback((gone: App) => {
    setApps((all = []) => all.filter(({ appId }) => appId !== gone.appId))
    location.hash = ''
  }, [])

  const pages = pagesFor(me).map(({ at, name, below }) => ({
    name,
    url: `#${at}`,
    isCurrent: at === fragment || at === place || below.includes(place),
  }))
  const end = me && { name: 'Log out', act: () => logOut.run() }
  return (
    <Desk brand={OF} pages={pages} links={settings.links} {...(end && { end })}>
      <Stopped what="The server" since={stopped} />
      <Failure text={stopped === undefined ? load.failure || logOut.failure : ''} />
      {apps && (
        <Page
          key={fragment}
          {...{ place, detail, settings, me, apps, activities, filter, setFilter }}
          {...{ fresh, setFresh, changed, removed, reload }}
        />
      )}
    </Desk>
  )
}

interface PageProps {
  place: string
  detail: string | undefined
  settings: Settings
  me: Me | undefined
  apps: readonly App[]
  activities: Activities
  filter: Filter
  setFilter: (filter: Filter) => void
  fresh: SecretKeys | undefined
  setFresh: (keys: SecretKeys | undefined) => void
  changed: (app: App) => void
  removed: (app: App) => void
  reload: () => void
}

function Page(props: PageProps): JSX.Element {
  const { place, detail = '', settings, me, apps, activities, fresh, setFresh, changed, removed } = props
  const { filter, setFilter } = props
  switch (place) {
    case '':
      return <Apps apps={apps} activities={activities.entries} />
    case 'requests':
      return <Requests {...{ activities, apps, filter, setFilter }} />
    case 'request':
      return <OneRequest id={detail} activities={activities.entries} />
    case 'attestations':
      return <Attestations ledger={settings.ledger} />
    case 'attestation':
      return <OneAttestation place={detail} />
    case 'transaction':
      return <TransactionPage txid={detail} />
    case 'documents':
      return <Documents userId={me?.userId ?? ''} />
    case 'operator':
      if (me?.isOperator !== true) break
      return <Operator />
    case 'team': {
      const membership = me?.memberships.find(({ partnerId }) => partnerId === detail)
      if (!membership) break
      return <Team membership={membership} left={props.reload} />
    }
    case 'new':
      return (
        <NewAppForm
          me={me}
          made={(app, keys) => {
            changed(app)
            setFresh(keys)
          }}
        />
      )
    case 'app': {
      const app = apps.find(({ appId }) => appId === detail)
      if (app)
        return (
          <AppPage
            {...{ app, settings, fresh, setFresh, changed, removed }}
            activities={activities.entries}
          />
        )
      return (
        <Missing what={`There is no app “${detail}”`} of={OF}>
          <p>It was deleted, or the address is not complete.</p>
          <p>
            <a href="#">All apps</a>
          </p>
        </Missing>
      )
    }
  }
  return (
    <Missing what="There is no such page" of={OF}>
      <p>
        <a href="#">All apps</a>
      </p>
    </Missing>
  )
}

const root = document.getElementById('dashboard')
if (root) render(<Root />, root)
