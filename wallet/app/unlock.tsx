import type { JSX } from 'preact'
import { withFields, Button, Failure, Field, useAction } from 'civic-ui'
import { unlockOwn, unlockOwnByPasskey } from './own.ts'
import { useStore } from './store.ts'

/** Opens the person's own wallet. */
export function Unlock({ title }: { title: string }): JSX.Element {
  const { testUsers, hasPasskey, lockedWhy } = useStore()
  const open = useAction((passphrase: string) => unlockOwn(passphrase))
  const use = useAction(unlockOwnByPasskey)
  return (
    <form
      class="stack narrow"
      noValidate
      onSubmit={withFields(({ passphrase = '' }) => open.run(passphrase))}
    >
      <h1 tabIndex={-1}>{title}</h1>
      {lockedWhy !== '' && <p class="note">{lockedWhy}</p>}
      {hasPasskey && (
        <>
          <Button kind="primary" busy={use.isRunning} onClick={() => use.run()}>
            Unlock with your passkey
          </Button>
          <Failure text={use.failure} />
        </>
      )}
      <input type="text" name="username" autocomplete="username" value="Civic wallet" hidden readOnly />
      <Field
        id="passphrase"
        name="passphrase"
        type="password"
        label="Passphrase"
        autocomplete="current-password"
      />
      <Failure text={open.failure} />
      <Button kind={hasPasskey ? 'plain' : 'primary'} type="submit" busy={open.isRunning}>
        Unlock
      </Button>
      {testUsers.length > 0 && (
        <a class="button quiet" href="#people">
          Use a test user
        </a>
      )}
    </form>
  )
}
