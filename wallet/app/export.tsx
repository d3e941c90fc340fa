import type { JSX } from 'preact'
import { ATTESTATION_SETS } from 'passport-civic-sip/user-data'
import { Button, Failure, useAction } from 'civic-ui'
import { anchorPlace } from './attesting.ts'
import type { Identity } from './identity.ts'
import { asFile, readRecord } from './record.ts'
import { Section } from './section.tsx'
import { keep } from './store.ts'

/** Exports the wallet to a file, for another device or as a backup. */
export function Export({ identity }: { identity: Identity }): JSX.Element {
  const save = useAction(() => saveFile(identity))
  return (
    <Section
      title="Export"
      text="A file with your wallet and your verified details, which opens with your passphrase alone."
    >
      <Failure text={save.failure} />
      <Button busy={save.isRunning} onClick={() => save.run()}>
        Save the file
      </Button>
    </Section>
  )
}

/** Offers to save a new file after changes, because the words restore no attestations. */
export function ExportOffer({ identity }: { identity: Identity }): JSX.Element | null {
  const save = useAction(() => saveFile(identity))
  const dismiss = useAction(() => markSaved(identity))
  const anchors = anchorsOf(identity)
  if (anchors.length === 0 || anchors.join() === identity.kept.savedAnchors?.join()) return null
  return (
    <div class="note row reminder">
      <span class="grow">
        Your verified details have changed. Your words do not bring them back. A file does.
      </span>
      <Failure text={save.failure || dismiss.failure} />
      <Button busy={save.isRunning} onClick={() => save.run()}>
        Export them
      </Button>
      <Button kind="quiet" busy={dismiss.isRunning} onClick={() => dismiss.run()}>
        Not now
      </Button>
    </div>
  )
}

async function saveFile(identity: Identity): Promise<void> {
  await markSaved(identity)
  const record = await readRecord()
  if (!record) return
  const link = document.createElement('a')
  link.href = URL.createObjectURL(asFile(record))
  link.download = 'civic-wallet.json'
  link.click()
  URL.revokeObjectURL(link.href)
}

function markSaved(identity: Identity): Promise<void> {
  return keep(identity, { savedAnchors: anchorsOf(identity) })
}

function anchorsOf(identity: Identity): string[] {
  return ATTESTATION_SETS.flatMap((set) => {
    const place = anchorPlace(identity, set)
    return place ? [`${place.txid}:${place.vout}`] : []
  })
}
