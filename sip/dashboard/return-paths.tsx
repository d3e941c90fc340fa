import type { JSX } from 'preact'
import { Button, errorOf, Failure, problemOf, TextArea, useAction, withFields } from 'civic-ui'
import { api } from './api.ts'
import type { App } from './api.ts'

/** The pages of the site to which a wallet on the same device may return. */
export function ReturnPaths({ app, changed }: { app: App; changed: (app: App) => void }): JSX.Element {
  const save = useAction(async ({ paths = '' }: Readonly<Record<string, string>>) => {
    const returnPaths = paths.split(/\s+/).filter((path) => path !== '')
    changed(await api.updateApp(app.appId, { returnPaths }))
  })
  const problem = problemOf(save.failure, ['returnPaths'])
  return (
    <section class="card pad stack tight" aria-labelledby="paths-title">
      <h2 id="paths-title">Return paths</h2>
      <form class="stack tight" noValidate onSubmit={withFields(save.run)}>
        <TextArea
          id="paths"
          name="paths"
          label="Paths of your pages, one on each line"
          hint="A wallet on the same device returns to one of them. The first is the default."
          rows={2}
          spellcheck={false}
          defaultValue={(app.returnPaths ?? ['/']).join('\n')}
          {...errorOf(problem, 'returnPaths')}
        />
        <Failure text={problem.field === undefined ? problem.text : ''} />
        <div>
          <Button type="submit" busy={save.isRunning}>
            Save paths
          </Button>
        </div>
      </form>
    </section>
  )
}
