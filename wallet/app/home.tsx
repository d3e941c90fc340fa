import type { JSX } from 'preact'
import { ATTESTATION_SETS } from 'passport-civic-sip/user-data'
import { withFields, Button, Failure, Field, useAction } from 'civic-ui'
import { drawCard } from './card.ts'
import { AttestedSet } from './attested-set.tsx'
import type { Identity } from './identity.ts'
import { openRequest } from './route.ts'

/** The wallet's home screen: how to open a request, and the verified details. */
export function Home({ identity }: { identity: Identity }): JSX.Element {
  return (
    <div class="columns">
      <div class="stack">
        <h1 class="unseen" tabIndex={-1}>
          {identity.kind === 'own' ? identity.name : `Wallet of ${identity.name}`}
        </h1>
        {identity.kind === 'test' && (
          <img
            class="id-card"
            src={drawCard(identity.values)}
            alt={`Identity card of ${identity.name}, a specimen`}
          />
        )}
        <a class="button primary wide" href="#scan">
          Scan a code
        </a>
        <OpenRequest />
      </div>
      <div class="stack">
        <h2>Your details</h2>
        {ATTESTATION_SETS.map((set) => (
          <AttestedSet key={set} set={set} identity={identity} />
        ))}
      </div>
    </div>
  )
}

function OpenRequest(): JSX.Element {
  const open = useAction((link: string) => openRequest(link))
  return (
    <form class="card pad stack" noValidate onSubmit={withFields(({ link = '' }) => open.run(link))}>
      <Field
        id="link"
        name="link"
        label="Log in to a site"
        placeholder="Paste the link of a QR code"
        autocomplete="off"
        hint="Or scan the code with a phone’s camera to open this wallet."
      />
      <Failure text={open.failure} />
      <Button type="submit">Open the request</Button>
    </form>
  )
}
