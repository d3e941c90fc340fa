import type { JSX } from 'preact'
import { useState } from 'preact/hooks'
import {
  Button,
  Confirm,
  errorOf,
  Failure,
  Field,
  focusHeading,
  problemOf,
  useAction,
  useScreen,
  withFields,
} from 'civic-ui'
import { api, OF } from './api.ts'
import type { Activity, App, SecretKeys, Settings } from './api.ts'
import { EnvironmentBadge } from './apps.tsx'
import { Domains } from './domains.tsx'
import { KeysOfApp } from './keys.tsx'
import { Logo } from './logo.tsx'
import { QuickStartCard } from './quick-start-card.tsx'
import { ReturnPaths } from './return-paths.tsx'
import { ReviewOfApp } from './review.tsx'
import { Scopes } from './scopes.tsx'
import { Whitelist } from './whitelist.tsx'

/** One app, with everything that its partner may change. */
export function AppPage({
  app,
  settings,
  activities,
  fresh,
  setFresh,
  changed,
  removed,
}: {
  app: App
  settings: Settings
  activities: readonly Activity[]
  fresh: SecretKeys | undefined
  setFresh: (keys: SecretKeys | undefined) => void
  changed: (app: App) => void
  removed: (app: App) => void
}): JSX.Element {
  useScreen(app.name, OF)
  return (
    <>
      <p>
        <a href="#">All apps</a>
      </p>
      <Name app={app} changed={changed} />
      {app.isSuspended === true && (
        <p class="failure">An operator suspended this app: nobody can log in with it.</p>
      )}
      <div class="columns">
        <div class="stack">
          <KeysOfApp {...{ app, fresh, setFresh, changed }} />
          <QuickStartCard {...{ app, settings, fresh, activities }} />
        </div>
        <div class="stack">
          <Whitelist app={app} changed={changed} />
          {app.partnerId !== undefined && <Domains app={app} changed={changed} />}
          {app.partnerId !== undefined && <ReturnPaths app={app} changed={changed} />}
          {app.partnerId !== undefined && <ReviewOfApp app={app} settings={settings} />}
          <Logo app={app} changed={changed} />
          <Scopes app={app} settings={settings} changed={changed} />
          <Delete app={app} removed={removed} />
        </div>
      </div>
    </>
  )
}

function Name({ app, changed }: { app: App; changed: (app: App) => void }): JSX.Element {
  const [isEditing, edit] = useState(false)
  const done = (): void => {
    edit(false)
    // After the heading is rendered again
    requestAnimationFrame(() => focusHeading())
  }
  const rename = useAction(async (name: string) => {
    changed(await api.updateApp(app.appId, { name }))
    done()
  })
  if (!isEditing) {
    return (
      <div class="title">
        <h1 tabIndex={-1}>
          {app.name} <EnvironmentBadge app={app} />
        </h1>
        <Button onClick={() => edit(true)}>Rename</Button>
      </div>
    )
  }
  const problem = problemOf(rename.failure, ['name'])
  return (
    <form class="card pad stack narrow" noValidate onSubmit={withFields(({ name = '' }) => rename.run(name))}>
      <Field
        id="name"
        name="name"
        label="Name of the app"
        defaultValue={app.name}
        maxLength={80}
        autocomplete="off"
        autofocus
        {...errorOf(problem, 'name')}
      />
      <Failure text={problem.field === undefined ? problem.text : ''} />
      <div class="row">
        <Button kind="primary" type="submit" busy={rename.isRunning}>
          Save
        </Button>
        <Button kind="quiet" onClick={done}>
          Cancel
        </Button>
      </div>
    </form>
  )
}

function Delete({ app, removed }: { app: App; removed: (app: App) => void }): JSX.Element {
  const [isAsking, ask] = useState(false)
  return (
    <section class="card pad stack tight" aria-labelledby="delete">
      <h2 id="delete">Delete</h2>
      <p class="soft small">Its ids and keys stop working immediately. This cannot be undone.</p>
      <div>
        <Button kind="danger" onClick={() => ask(true)}>
          Delete this app
        </Button>
      </div>
      {isAsking && (
        <Confirm
          title={`Delete ${app.name}?`}
          text="People can no longer log in to its sites."
          yes="Delete"
          act={async () => {
            await api.deleteApp(app.appId)
            removed(app)
          }}
          close={() => ask(false)}
        />
      )}
    </section>
  )
}
