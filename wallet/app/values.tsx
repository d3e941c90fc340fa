import { Labels } from 'passport-civic-sip/user-data'
import type { JSX } from 'preact'
import { labelName } from 'civic-ui'
import { valueOf } from './identity.ts'
import type { Identity } from './identity.ts'

/** Labels with the values that would be shared. */
export function Values({ labels, identity }: { labels: readonly string[]; identity: Identity }): JSX.Element {
  return (
    <dl class="values">
      {labels.map((label) => (
        <div key={label}>
          <dt>{labelName(label)}</dt>
          <dd>
            <Value label={label} value={valueOf(identity, label)} />
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
  if (label === Labels.DOCUMENT_IMAGE_MD5) return <span class="mono">{value}</span>
  if (label === Labels.IDENTITY_LEVEL) return <>{value === 'CIVIC:IAL1' ? 'Yes' : value}</>
  return <>{value}</>
}
