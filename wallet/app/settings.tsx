import type { JSX } from 'preact'
import { useState } from 'preact/hooks'
import { withFields, Button, Failure, Field, useAction } from 'civic-ui'
import type { Identity } from './identity.ts'
import { NewPassphrase } from './new-passphrase.tsx'
import { deleteOwn, lock, noteWordsKept, wordsFor } from './own.ts'
import { useStore } from './store.ts'
import { TrustedSips } from './trusted-sips.tsx'
import { asFile, changePassphrase, readRecord } from './vault.ts'
import { Words } from './words.tsx'

/** What a person can change about their own wallet. */
export function Settings({ identity }: { identity: Identity }): JSX.Element {
  return (
    <div class="columns">
      <div class="stack">
        <h1 tabIndex={-1}>Settings</h1>
        <Section title="Lock" text="The wallet locks itself after five minutes without you.">
          <Button onClick={lock}>Lock now</Button>
        </Section>
        <ShowWords />
        <Export />
      </div>
      <div class="stack">
        <Passphrase />
        <TrustedSips identity={identity} />
        <Delete />
      </div>
    </div>
  )
}

function Section({
  title,
  text,
  children,
}: {
  title: string
  text: string
  children: JSX.Element
}): JSX.Element {
  const id = title.replaceAll(' ', '-').toLowerCase()
  return (
    <section class="card pad stack tight" aria-labelledby={id}>
      <h2 id={id}>{title}</h2>
      <p class="soft">{text}</p>
      {children}
    </section>
  )
}

function ShowWords(): JSX.Element {
  const { areWordsKept } = useStore()
  const [words, setWords] = useState('')
  const show = useAction(async (passphrase: string) => setWords(await wordsFor(passphrase)))
  const done = useAction(async () => {
    await noteWordsKept()
    setWords('')
  })
  const text = areWordsKept
    ? 'They bring your wallet back on another device.'
    : 'You have not checked yet that you have them on paper. Without them a lost device is a lost wallet.'
  return (
    <Section title="Your words" text={text}>
      {words === '' ? (
        <form
          class="stack tight"
          noValidate
          onSubmit={withFields(({ passphrase = '' }) => show.run(passphrase))}
        >
          <Field
            id="words-passphrase"
            name="passphrase"
            type="password"
            label="Passphrase"
            autocomplete="current-password"
          />
          <Failure text={show.failure} />
          <Button type="submit" busy={show.isRunning}>
            Show the words
          </Button>
        </form>
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

function Export(): JSX.Element {
  const save = useAction(async () => {
    const record = await readRecord()
    if (!record) return
    const link = document.createElement('a')
    link.href = URL.createObjectURL(asFile(record))
    link.download = 'civic-wallet.json'
    link.click()
    URL.revokeObjectURL(link.href)
  })
  return (
    <Section
      title="Export"
      text="A file with your wallet and your verified details, which opens with your passphrase alone."
    >
      <>
        <Failure text={save.failure} />
        <Button busy={save.isRunning} onClick={() => save.run()}>
          Save the file
        </Button>
      </>
    </Section>
  )
}

function Passphrase(): JSX.Element {
  const [before, setBefore] = useState('')
  const [isChanged, setChanged] = useState(false)
  const text = isChanged
    ? 'The passphrase is changed. The wallet is locked: open it with the new one.'
    : 'It opens the wallet on this device.'
  return (
    <Section title="Passphrase" text={text}>
      {before === '' ? (
        <form
          class="stack tight"
          noValidate
          onSubmit={withFields(({ passphrase = '' }) => setBefore(passphrase))}
        >
          <Field
            id="old-passphrase"
            name="passphrase"
            type="password"
            label="The passphrase of now"
            autocomplete="current-password"
          />
          <Button type="submit">Change it</Button>
        </form>
      ) : (
        <NewPassphrase
          button="Change the passphrase"
          chosen={async (after) => {
            try {
              await changePassphrase(before, after)
              setChanged(true)
              lock()
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
      text="Takes this wallet out of this browser. Only your words, or an exported file, bring it back."
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
