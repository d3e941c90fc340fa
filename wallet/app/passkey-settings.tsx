import type { JSX } from 'preact'
import { addOwnPasskey, removeOwnPasskey } from './own.ts'
import { hasPasskeys } from './passkey.ts'
import { PassphraseForm } from './passphrase-form.tsx'
import { Section } from './section.tsx'
import { useStore } from './store.ts'

/** The settings for a passkey, which opens the wallet in addition to the passphrase. */
export function PasskeySettings(): JSX.Element {
  const { hasPasskey } = useStore()
  if (!hasPasskeys()) {
    return <Section title="Passkey" text="This browser has no passkeys. Your passphrase opens the wallet." />
  }
  return hasPasskey ? (
    <Section
      title="Passkey"
      text="A passkey of this device opens the wallet. Your passphrase opens it as well, and you still need it."
    >
      <PassphraseForm
        key="remove"
        id="passkey-passphrase"
        button="Remove the passkey"
        act={removeOwnPasskey}
      />
    </Section>
  ) : (
    <Section
      title="Passkey"
      text="Open the wallet with your fingerprint, face or screen lock. Your passphrase opens it as well, and you still need it."
    >
      <PassphraseForm key="add" id="passkey-passphrase" button="Add a passkey" act={addOwnPasskey} />
    </Section>
  )
}
