import type { ComponentChildren, JSX } from 'preact'
import { useEffect, useRef } from 'preact/hooks'
import { Button, Failure } from './components.tsx'
import { useAction } from './hooks.ts'

/** Asks before an action with consequences. The dialog closes when the action is done. */
export function Confirm({
  title,
  text,
  yes,
  kind = 'danger',
  children,
  act,
  close,
}: {
  title: string
  text: string
  /** The label of the button that confirms. */
  yes: string
  kind?: 'danger' | 'primary'
  /** What can be chosen. */
  children?: ComponentChildren
  act: () => Promise<void>
  close: () => void
}): JSX.Element {
  const dialog = useRef<HTMLDialogElement>(null)
  useEffect(() => dialog.current?.showModal(), [])
  const run = useAction(async () => {
    await act()
    dialog.current?.close()
  })
  return (
    <dialog ref={dialog} class="card" aria-labelledby="confirm-title" onClose={close}>
      <div class="stack">
        <h2 id="confirm-title">{title}</h2>
        <p class="soft">{text}</p>
        {children}
        <Failure text={run.failure} />
        <div class="row end">
          <Button onClick={() => dialog.current?.close()}>Cancel</Button>
          <Button kind={kind} busy={run.isRunning} onClick={() => run.run()}>
            {yes}
          </Button>
        </div>
      </div>
    </dialog>
  )
}
