import { render } from 'preact'
import type { JSX } from 'preact'
import { useCallback, useEffect, useState } from 'preact/hooks'
import { Desk, Failure, Missing, Stopped, useAction, useFragment, useStopped } from 'civic-ui'
import { api, OF } from './api.ts'
import type { App, SecretKeys, Settings } from './api.ts'
import { AppPage } from './app.tsx'
import { Apps } from './apps.tsx'
import { Attestations, OneAttestation } from './attestations.tsx'
import { NewAppForm } from './new-app.tsx'
import { OneRequest } from './one-request.tsx'
import { Requests } from './requests.tsx'
import { TransactionPage } from './transaction.tsx'
import { useActivities } from './use-activities.ts'
import type { Activities } from './use-activities.ts'

const PAGES = [
  { at: '', name: 'Apps', below: ['app', 'new'] },
  { at: 'requests', name: 'Requests', below: ['request'] },
  { at: 'attestations', name: 'Attestations', below: ['attestation', 'transaction'] },
] as const

function Dashboard(): JSX.Element {
  const fragment = useFragment()
  const [place = '', detail] = fragment.split('/', 2)
  const [settings, setSettings] = useState<Settings>()
  const [apps, setApps] = useState<readonly App[]>()
  /** Keys that were made just now: their secrets show until the app's page is left. */
  const [fresh, setFresh] = useState<SecretKeys>()
  const activities = useActivities()
  const stopped = useStopped()
  const load = useAction(async () => {
    setSettings(await api.settings())
    setApps(await api.apps())
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

  const pages = PAGES.map(({ at, name, below }) => ({
    name,
    url: `#${at}`,
    isCurrent: at === place || (below as readonly string[]).includes(place),
  }))
  return (
    <Desk brand={OF} pages={pages} links={settings?.links ?? []}>
      <Stopped what="The server" since={stopped} />
      <Failure text={stopped === undefined ? load.failure : ''} />
      {settings && apps && (
        <Page
          key={fragment}
          {...{ place, detail, settings, apps, activities, fresh, setFresh, changed, removed }}
        />
      )}
    </Desk>
  )
}

interface PageProps {
  place: string
  detail: string | undefined
  settings: Settings
  apps: readonly App[]
  activities: Activities
  fresh: SecretKeys | undefined
  setFresh: (keys: SecretKeys | undefined) => void
  changed: (app: App) => void
  removed: (app: App) => void
}

function Page(props: PageProps): JSX.Element {
  const { place, detail = '', settings, apps, activities, fresh, setFresh, changed, removed } = props
  switch (place) {
    case '':
      return <Apps apps={apps} activities={activities.entries} />
    case 'requests':
      return <Requests activities={activities} />
    case 'request':
      return <OneRequest id={detail} activities={activities.entries} />
    case 'attestations':
      return <Attestations ledger={settings.ledger} />
    case 'attestation':
      return <OneAttestation place={detail} />
    case 'transaction':
      return <TransactionPage txid={detail} />
    case 'new':
      return (
        <NewAppForm
          made={(app, keys) => {
            changed(app)
            setFresh(keys)
          }}
        />
      )
    case 'app': {
      const app = apps.find(({ appId }) => appId === detail)
      if (app) return <AppPage {...{ app, settings, fresh, setFresh, changed, removed }} />
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
if (root) render(<Dashboard />, root)
