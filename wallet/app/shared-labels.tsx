import type { JSX } from 'preact'
import { PRIVATE_LOGIN, setOf } from '../lib/hosted/wallet-core.ts'
import type { AttestationSet, RequestView } from '../lib/hosted/wallet-core.ts'
import { setName } from 'civic-ui'
import { anchorPlace } from './issuing.ts'
import type { Holder } from './keep.ts'
import { Status, Values } from './values.tsx'
import { Verify } from './verify.tsx'

/** Every label that would be shared, with its value, and the way to verify what is not yet. */
export function Shared({ request, holder }: { request: RequestView; holder: Holder }): JSX.Element {
  const sets = setsOf(request)
  if (request.scope === PRIVATE_LOGIN) {
    const isVerified = !sets.some((set) => isUnverified(holder, set))
    return (
      <section class="card pad stack tight" aria-labelledby="shares">
        <h2 id="shares">None of your details are shared</h2>
        <p class="soft">
          A private login: the site gets a number that stands for {holder.name} there, and at no other site.
          {isVerified && ' It also learns that your identity was verified.'}
        </p>
      </section>
    )
  }
  return (
    <>
      <h2>It would get from {holder.name}</h2>
      {sets.map((set) => (
        <section key={set} class="card pad stack tight" aria-labelledby={`shares-${set}`}>
          <div class="row">
            <h3 id={`shares-${set}`} class="grow">
              {setName(set)}
            </h3>
            <Status held={holder.held[set]} />
          </div>
          <Values labels={request.labels.filter((label) => setOf(label) === set)} holder={holder} />
          {isUnverified(holder, set) && <Verify set={set} holder={holder} />}
        </section>
      ))}
    </>
  )
}

/** @returns whether something that is asked for has to be attested first */
export function mustVerify(holder: Holder, request: RequestView): boolean {
  return request.scope !== PRIVATE_LOGIN && setsOf(request).some((set) => isUnverified(holder, set))
}

function isUnverified({ held }: Holder, set: AttestationSet): boolean {
  const attested = held[set]
  return attested === undefined || anchorPlace(attested) === undefined
}

function setsOf({ labels }: RequestView): AttestationSet[] {
  return [...new Set(labels.map((label) => setOf(label)).filter((set) => set !== undefined))]
}
