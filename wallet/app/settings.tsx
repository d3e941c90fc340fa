import type { JSX } from 'preact'
import { useState } from 'preact/hooks'
import { Button, Failure, useAction } from 'civic-ui'
import { DateLanguage } from './date-language.tsx'
import { Export } from './export.tsx'
import type { Identity } from './identity.ts'
import { NewPassphrase } from './new-passphrase.tsx'
import { changeOwnPassphrase, deleteOwn, lock, noteWordsKept, wordsFor } from './own.ts'
import { PasskeySettings } from './passkey-settings.tsx'
import { PassphraseForm } from './passphrase-form.tsx'
import { Section } from './section.tsx'
import { StorageSettings } from './storage-settings.tsx'
import { useStore } from './store.ts'
import { TrustedSips } from './trusted-sips.tsx'
import { Words } from './words.tsx'

/** The settings of a person's own wallet. */
export function Settings({ identity }: { identity: Identity }): JSX.Element {
  return (
    <div class="columns">
      <div class="stack">
        <h1 tabIndex={-1}>Settings</h1>
        <Section title="Lock" text="The wallet locks after five minutes without input.">
          <Button onClick={() => lock()}>Lock now</Button>
        </Section>
        <ShowWords />
        <Export identity={identity} />
        <StorageSettings />
        <DateLanguage identity={identity} />
      </div>
      <div class="stack">
        <Passphrase />
        <PasskeySettings />
        <TrustedSips identity={identity} />
        <Delete />
      </div>
    </div>
  )
}

function ShowWords(): JSX.Element {
  const { areWordsKept } = useStore()
  const [words, setWords] = useState('')
  const done = useAction(async () => {
    await noteWordsKept()
    setWords('')
  })
  const text = areWordsKept
    ? 'They bring your wallet back on another device.'
    : 'You have not checked yet that you have them on paper. Without them, you lose the wallet with the device.'
  return (
    <Section title="Your words" text={text}>
      {words === '' ? (
        <PassphraseForm
          id="words-passphrase"
          button="Show the words"
          act={async (passphrase) => setWords(await wordsFor(passphrase))}
        />
      ) : (
        <div class="stack tight">
          <Words words={words} />
          <Button kind="primary" onClick={() => done.run()}>
            I have them on paper
          </Button>
        </div>
      )}
    </Section>
  )
}

function Passphrase(): JSX.Element {
  const [before, setBefore] = useState('')
  const { hasPasskey } = useStore()
  const text = 'It opens the wallet on this device.'
  const more = ' A new one removes the passkey: add it again afterwards.'
  return (
    <Section title="Passphrase" text={hasPasskey ? text + more : text}>
      {before === '' ? (
        <PassphraseForm id="old-passphrase" label="Current passphrase" button="Change it" act={setBefore} />
      ) : (
        <NewPassphrase
          button="Change the passphrase"
          chosen={async (after) => {
            try {
              await changeOwnPassphrase(before, after)
            } finally {
              setBefore('')
            }
          }}
        />
      )}
    </Section>
  )
}

function Delete(): JSX.Element {
  const [isSure, setSure] = useState(false)
  const remove = useAction(deleteOwn)
  return (
    <Section
      title="Delete everything"
      text="Deletes this wallet from this browser. Only your words or an exported file bring it back."
    >
      {isSure ? (
        <>
          <Failure text={remove.failure} />
          <Button kind="danger" onClick={() => remove.run()}>
            Yes, delete this wallet
          </Button>
          <Button onClick={() => setSure(false)}>Keep it</Button>
        </>
      ) : (
        <Button kind="danger" onClick={() => setSure(true)}>
          Delete the wallet
        </Button>
      )}
    </Section>
  )
}
