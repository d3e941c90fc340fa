import type { JSX } from 'preact'
import { useEffect, useRef } from 'preact/hooks'
import { Button, Failure } from 'civic-ui'
import { useAction } from 'civic-ui'

/** Asks for confirmation before an action that cannot be undone. */
export function Confirm({
  title,
  text,
  yes,
  act,
  close,
}: {
  title: string
  text: string
  /** The label of the button that confirms. */
  yes: string
  act: () => Promise<void>
  close: () => void
}): JSX.Element {
  const dialog = useRef<HTMLDialogElement>(null)
  useEffect(() => dialog.current?.showModal(), [])
  const run = useAction(async () => {
    await act()
    close()
  })
  return (
    <dialog ref={dialog} class="card" aria-labelledby="confirm-title" onClose={close}>
      <div class="stack">
        <h2 id="confirm-title">{title}</h2>
        <p class="soft">{text}</p>
        <Failure text={run.failure} />
        <div class="row end">
          <Button onClick={() => dialog.current?.close()}>Cancel</Button>
          <Button kind="danger" busy={run.isRunning} onClick={() => run.run()}>
            {yes}
          </Button>
        </div>
      </div>
    </dialog>
  )
}
