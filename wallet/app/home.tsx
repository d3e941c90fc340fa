import type { JSX } from 'preact'
import { ATTESTATION_SETS, uuidOf } from '../lib/hosted/wallet-core.ts'
import { withFields } from 'civic-ui'
import { Button, Failure, Field } from 'civic-ui'
import { useAction } from 'civic-ui'
import { drawCard } from './card.ts'
import { AttestedSet } from './attested-set.tsx'
import type { Holder } from './keep.ts'

/** The wallet's first screen: the person's card, the way to a request, and what is attested. */
export function Home({ holder }: { holder: Holder }): JSX.Element {
  return (
    <div class="stack">
      <h1 class="unseen">Wallet of {holder.name}</h1>
      <img
        class="id-card"
        src={drawCard(holder.values)}
        alt={`Identity card of ${holder.name}, a specimen`}
      />
      <OpenRequest />
      <h2>Verified details</h2>
      {ATTESTATION_SETS.map((set) => (
        <AttestedSet key={set} set={set} holder={holder} />
      ))}
    </div>
  )
}

function OpenRequest(): JSX.Element {
  const open = useAction((link: string) => {
    location.hash = uuidOf(link)
  })
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
      <Button kind="primary" type="submit">
        Open the request
      </Button>
    </form>
  )
}
