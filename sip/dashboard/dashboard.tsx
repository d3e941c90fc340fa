import { render } from 'preact'
import type { JSX } from 'preact'
import { useCallback, useEffect, useRef, useState } from 'preact/hooks'
import { Badge, Failure, Mark } from 'civic-ui'
import { useAction, useFragment } from 'civic-ui'
import { api } from './api.ts'
import type { App, SecretKeys, Settings } from './api.ts'
import { AppPage } from './app.tsx'
import { Apps } from './apps.tsx'
import { Attestations } from './attestations.tsx'
import { Mailbox } from './mailbox.tsx'
import { NewAppForm } from './new-app.tsx'
import { Requests } from './requests.tsx'

const PAGES = [
  { at: '', name: 'Apps' },
  { at: 'requests', name: 'Requests' },
  { at: 'mail', name: 'Test mailbox' },
  { at: 'attestations', name: 'Attestations' },
] as const

function Dashboard(): JSX.Element {
  const fragment = useFragment()
  const [place = '', detail] = fragment.split('/', 2)
  const [settings, setSettings] = useState<Settings>()
  const [apps, setApps] = useState<readonly App[]>()
  /** Keys that were made just now: their secrets show until the app's page is left. */
  const [fresh, setFresh] = useState<SecretKeys>()
  const main = useRef<HTMLElement>(null)
  const load = useAction(async () => {
    setSettings(await api.settings())
    setApps(await api.apps())
  })
  useEffect(() => load.run(), [place])
  useEffect(() => {
    setFresh((keys) => (place === 'app' ? keys : undefined))
    main.current?.querySelector('h1')?.focus()
  }, [fragment])

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

  return (
    <div class="frame">
      <header>
        <a class="brand" href="#">
          <Mark />
          Civic sandbox
        </a>
        <Badge tone="wait">development</Badge>
        <a class="wallet" href="/wallet" target="_blank" rel="noopener" aria-label="Wallet, in a new tab">
          Wallet
        </a>
        <nav aria-label="Pages">
          {PAGES.map(({ at, name }) => (
            <a key={at} href={`#${at}`} aria-current={isAt(at, place) ? 'page' : undefined}>
              {name}
            </a>
          ))}
        </nav>
      </header>
      <main ref={main}>
        <Failure text={load.failure} />
        {settings && apps && (
          <Page place={place} detail={detail} {...{ settings, apps, fresh, setFresh, changed, removed }} />
        )}
      </main>
    </div>
  )
}

interface PageProps {
  place: string
  detail: string | undefined
  settings: Settings
  apps: readonly App[]
  fresh: SecretKeys | undefined
  setFresh: (keys: SecretKeys | undefined) => void
  changed: (app: App) => void
  removed: (app: App) => void
}

function Page({ place, detail, settings, apps, fresh, setFresh, changed, removed }: PageProps): JSX.Element {
  switch (place) {
    case 'requests':
      return <Requests />
    case 'mail':
      return <Mailbox />
    case 'attestations':
      return <Attestations ledger={settings.ledger} />
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
      if (app) return <AppPage key={app.appId} {...{ app, settings, fresh, setFresh, changed, removed }} />
    }
  }
  return <Apps apps={apps} />
}

function isAt(page: string, place: string): boolean {
  return page === place || (page === '' && (place === 'app' || place === 'new'))
}

const root = document.getElementById('dashboard')
if (root) render(<Dashboard />, root)
