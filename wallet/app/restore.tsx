import type { JSX } from 'preact'
import { useState } from 'preact/hooks'
import { withFields, Button, Failure, Field, useAction } from 'civic-ui'
import { NewPassphrase } from './new-passphrase.tsx'
import { createOwn, importOwn, readWords } from './own.ts'
import { fromFile } from './record.ts'
import type { Record } from './record.ts'

/** Restores a wallet on this device, from its words or from an exported file. */
export function Restore({ done }: { done: () => void }): JSX.Element {
  const [words, setWords] = useState('')
  const [record, setRecord] = useState<Record>()
  const read = useAction(({ words: text = '' }: Readonly<{ words?: string }>) => setWords(readWords(text)))
  const take = useAction(async (file: File | undefined) => {
    if (file) setRecord(await fromFile(file))
  })
  if (record) return <Import record={record} done={done} />
  if (words !== '') {
    return (
      <section class="stack narrow">
        <h1 tabIndex={-1}>Choose a passphrase</h1>
        <p class="soft">It opens the wallet on this device.</p>
        <NewPassphrase
          button="Restore the wallet"
          chosen={async (passphrase) => {
            await createOwn(passphrase, words, true)
            done()
          }}
        />
      </section>
    )
  }
  return (
    <section class="stack narrow">
      <h1 tabIndex={-1}>Restore a wallet</h1>
      <form class="card pad stack" noValidate onSubmit={withFields(read.run)}>
        <div class="field">
          <label for="words">The words of your wallet</label>
          <textarea
            id="words"
            name="words"
            rows={3}
            autocomplete="off"
            autocapitalize="none"
            spellcheck={false}
            aria-describedby="words-hint"
          />
          <p id="words-hint" class="hint">
            They bring back who you are at each site. You verify your details again.
          </p>
        </div>
        <Failure text={read.failure} />
        <Button kind="primary" type="submit">
          Continue
        </Button>
      </form>
      <div class="card pad stack">
        <div class="field">
          <label for="file">Or a file that your wallet exported</label>
          <input
            id="file"
            type="file"
            accept="application/json,.json"
            onChange={({ currentTarget }) => take.run(currentTarget.files?.[0])}
          />
          <p class="hint">It brings back your verified details as well.</p>
        </div>
        <Failure text={take.failure} />
      </div>
      <a class="button quiet" href="#">
        Cancel
      </a>
    </section>
  )
}

function Import({ record, done }: { record: Record; done: () => void }): JSX.Element {
  const take = useAction(async (passphrase: string) => {
    await importOwn(record, passphrase)
    done()
  })
  return (
    <form
      class="stack narrow"
      noValidate
      onSubmit={withFields(({ passphrase = '' }) => take.run(passphrase))}
    >
      <h1 tabIndex={-1}>Open the file</h1>
      <Field
        id="passphrase"
        name="passphrase"
        type="password"
        label="Passphrase of the wallet that exported it"
        autocomplete="current-password"
      />
      <Failure text={take.failure} />
      <Button kind="primary" type="submit" busy={take.isRunning}>
        Restore the wallet
      </Button>
    </form>
  )
}
