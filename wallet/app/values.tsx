import { Labels } from 'passport-civic-sip/user-data'
import type { JSX } from 'preact'
import { setOf } from '../lib/hosted/wallet-core.ts'
import { labelName } from 'civic-ui'
import { Badge } from 'civic-ui'
import type { Tone } from 'civic-ui'
import type { Held, Holder } from './keep.ts'

const TONES: Readonly<Record<Held['status'], Tone>> = { temporary: 'wait', permanent: 'good', revoked: 'bad' }
const NAMES: Readonly<Record<Held['status'], string>> = {
  temporary: 'pending',
  permanent: 'verified',
  revoked: 'revoked',
}

export function Status({ held }: { held: Held | undefined }): JSX.Element {
  return (
    <Badge {...(held && { tone: TONES[held.status] })}>{held ? NAMES[held.status] : 'not verified'}</Badge>
  )
}

/** Labels with the values that would be shared: the attested ones, else those that are to be attested. */
export function Values({ labels, holder }: { labels: readonly string[]; holder: Holder }): JSX.Element {
  return (
    <dl class="values">
      {labels.map((label) => (
        <div key={label}>
          <dt>{labelName(label)}</dt>
          <dd>
            <Value label={label} value={valueOf(holder, label)} />
          </dd>
        </div>
      ))}
    </dl>
  )
}

function Value({ label, value }: { label: string; value: string | undefined }): JSX.Element {
  if (value === undefined) return <span class="soft">created when you verify</span>
  if (label === Labels.DOCUMENT_IMAGE) {
    return <img class="thumbnail" src={`data:image/jpeg;base64,${value}`} alt="The document’s picture" />
  }
  if (label === Labels.IDENTITY_LEVEL) return <>{value === 'CIVIC:IAL1' ? 'Yes' : value}</>
  return <>{value}</>
}

function valueOf({ held, values }: Holder, label: string): string | undefined {
  const set = setOf(label)
  const attested = set && held[set]?.attestations.find((attestation) => attestation.label === label)
  return attested?.data.value ?? values[label]
}
