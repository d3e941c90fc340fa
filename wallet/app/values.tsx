import { Labels } from 'passport-civic-sip/user-data'
import type { JSX } from 'preact'
import { labelName } from 'civic-ui'
import { valueOf } from './identity.ts'
import type { Identity } from './identity.ts'

/** Labels with the values to share, and labels without a value yet. */
export function Values({ labels, identity }: { labels: readonly string[]; identity: Identity }): JSX.Element {
  const values = labels.map((label) => ({ label, value: valueOf(identity, label) }))
  const later = values.filter(({ value }) => value === undefined).map(({ label }) => labelName(label))
  return (
    <>
      {later.length < labels.length && (
        <dl class="values">
          {values.map(
            ({ label, value }) =>
              value !== undefined && (
                <div key={label}>
                  <dt>{labelName(label)}</dt>
                  <dd>
                    <Value label={label} value={value} />
                  </dd>
                </div>
              ),
          )}
        </dl>
      )}
      {later.length > 0 && <p class="soft small">Added when you verify: {later.join(', ')}</p>}
    </>
  )
}

function Value({ label, value }: { label: string; value: string }): JSX.Element {
  if (label === Labels.DOCUMENT_IMAGE) {
    return <img class="thumbnail" src={`data:image/jpeg;base64,${value}`} alt="The document’s picture" />
  }
  if (label === Labels.DOCUMENT_IMAGE_MD5) return <span class="mono">{value}</span>
  if (label === Labels.IDENTITY_LEVEL) return <>{value === 'CIVIC:IAL1' ? 'Yes' : value}</>
  return <>{value}</>
}
