import type { JSX } from 'preact'
import { useEffect, useState } from 'preact/hooks'
import { attestationSet } from 'passport-civic-sip/user-data'
import type { AttestationSet } from 'passport-civic-sip/user-data'
import { setName, Button, Confirm, Failure, useAction } from 'civic-ui'
import type { Identity } from './identity.ts'
import { keep } from './store.ts'

/** Removes a set from the wallet. The person can undo that while they stay on the screen. */
export function RemoveSet({
  set,
  identity,
  isThere,
  isBusy,
}: {
  set: AttestationSet
  identity: Identity
  isThere: boolean
  /** Whether the person does something else with it. */
  isBusy: boolean
}): JSX.Element | null {
  const [isAsking, setAsking] = useState(false)
  const [undo, setUndo] = useState<() => Promise<void>>()
  const back = useAction(async () => {
    await undo?.()
    setUndo(undefined)
  })
  const status = `removed-${set}`
  const isRemoved = undo !== undefined && !isThere
  useEffect(() => {
    if (isRemoved) document.getElementById(status)?.focus()
  }, [isRemoved])
  const name = setName(set)
  if (isRemoved) {
    return (
      <div class="note row" role="status">
        <span class="grow" id={status} tabIndex={-1}>
          {name}: removed from this wallet.
        </span>
        <Failure text={back.failure} />
        <Button kind="quiet" busy={back.isRunning} onClick={() => back.run()}>
          Undo
        </Button>
      </div>
    )
  }
  if (!isThere || isBusy) return null
  return (
    <>
      <Button kind="quiet" aria-label={`Remove: ${name}`} onClick={() => setAsking(true)}>
        Remove
      </Button>
      {isAsking && (
        <Confirm
          title={`Remove from this wallet: ${name}?`}
          text="Sites that have it keep it. To share it again, you verify it again."
          yes="Remove"
          act={async () => {
            const undoing = await removeSet(identity, set)
            setUndo(() => undoing)
            // The dialog is removed with this screen before it can report that it was closed
            setAsking(false)
          }}
          close={() => setAsking(false)}
        />
      )}
    </>
  )
}

/** @returns a function that undoes it */
async function removeSet(identity: Identity, set: AttestationSet): Promise<() => Promise<void>> {
  const { wallet, values, kept } = identity
  const { refused = {} } = kept
  const back = wallet.remove(set)
  const others = Object.entries(values).filter(([label]) => attestationSet(label) !== set)
  await keep(identity, { values: Object.fromEntries(others), refused: { ...refused, [set]: undefined } })
  return async () => {
    back()
    await keep(identity, { values, refused })
  }
}
