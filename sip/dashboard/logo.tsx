import type { JSX } from 'preact'
import { Button, errorOf, Failure, Field, problemOf, useAction } from 'civic-ui'
import { api } from './api.ts'
import type { App } from './api.ts'
import { smallLogo } from './small-logo.ts'

/** The app's logo, and a field to replace it. For a partner's live app, that needs a review. */
export function Logo({ app, changed }: { app: App; changed: (app: App) => void }): JSX.Element {
  const isReviewed = app.partnerId !== undefined && app.environment === 'live'
  return (
    <section class="card pad stack tight" aria-labelledby="logo-title">
      <h2 id="logo-title">Logo</h2>
      <p class="soft small">
        Wallets show it once the app is live.
        {isReviewed && ' Ask for a review to change it.'}
      </p>
      <Picture logo={app.logo} />
      {!isReviewed && (
        <LogoField
          id="logo"
          logo={app.logo}
          choose={async (logo) => changed(await api.updateApp(app.appId, { logo }))}
        />
      )}
    </section>
  )
}

export function Picture({ logo = '' }: { logo: string | undefined }): JSX.Element | null {
  return logo === '' ? null : <img class="logo" src={logo} alt="Logo" width={64} height={64} />
}

/** Chooses an image, which the browser scales down, or removes the logo. */
export function LogoField({
  id,
  logo = '',
  choose,
}: {
  id: string
  logo: string | undefined
  choose: (logo: string) => unknown
}): JSX.Element {
  const set = useAction(choose)
  const take = useAction(async (file: File) => choose(await smallLogo(file)))
  const problem = problemOf(take.failure || set.failure, ['logo'])
  return (
    <>
      <Field
        id={id}
        label="Image"
        hint="Scaled down to fit 128 × 128 pixels."
        type="file"
        accept="image/*"
        onChange={({ currentTarget: { files } }) => {
          if (files?.[0]) take.run(files[0])
        }}
        {...errorOf(problem, 'logo')}
      />
      <Failure text={problem.field === undefined ? problem.text : ''} />
      {logo !== '' && (
        <div>
          <Button busy={set.isRunning} onClick={() => set.run('')}>
            Remove logo
          </Button>
        </div>
      )}
    </>
  )
}
