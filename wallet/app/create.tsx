import type { JSX } from 'preact'
import { useRef, useState } from 'preact/hooks'
import { withFields, Button, Failure, Field, useAction } from 'civic-ui'
import { NewPassphrase } from './new-passphrase.tsx'
import { createOwn, newWords } from './own.ts'
import { Words } from './words.tsx'

const ASKED = 3

type Step = 'words' | 'check' | 'passphrase'

/** Makes a wallet: shows twelve words to write down, asks for three of them, and for a passphrase. */
export function Create({ done }: { done: () => void }): JSX.Element {
  const words = useRef(newWords()).current
  const [step, setStep] = useState<Step>('words')
  const [areKept, setKept] = useState(false)
  if (step === 'words') {
    return (
      <section class="stack narrow">
        <p class="soft small">Step 1 of 3</p>
        <h1 tabIndex={-1}>Write these words down</h1>
        <p class="soft">
          On paper, in this order. They bring your wallet back on another device. Anybody who has them has
          your wallet, and no site and no support ever needs them.
        </p>
        <Words words={words} />
        <Button kind="primary" onClick={() => setStep('check')}>
          I have written them down
        </Button>
        <a class="button quiet" href="#">
          Cancel
        </a>
      </section>
    )
  }
  if (step === 'check') {
    return (
      <Check
        words={words}
        passed={() => {
          setKept(true)
          setStep('passphrase')
        }}
        back={() => setStep('words')}
        later={() => setStep('passphrase')}
      />
    )
  }
  return (
    <section class="stack narrow">
      <p class="soft small">Step 3 of 3</p>
      <h1 tabIndex={-1}>Choose a passphrase</h1>
      <p class="soft">
        It opens the wallet on this device. Nobody can reset it. If you forget it, your words bring the wallet
        back.
      </p>
      <NewPassphrase
        button="Create the wallet"
        chosen={async (passphrase) => {
          await createOwn(passphrase, words, areKept)
          done()
        }}
      />
    </section>
  )
}

function Check({
  words,
  passed,
  back,
  later,
}: {
  words: string
  passed: () => void
  back: () => void
  later: () => void
}): JSX.Element {
  const all = words.split(' ')
  const asked = useRef(someOf(all.length)).current
  const check = useAction((fields: Readonly<Record<string, string>>) => {
    const wrong = asked.filter((index) => fields[`word-${index}`]?.toLowerCase() !== all[index])
    if (wrong.length > 0) {
      throw new Error(`Word ${wrong.map((index) => index + 1).join(' and ')}: look at your paper again.`)
    }
    passed()
  })
  return (
    <form class="stack narrow" noValidate onSubmit={withFields(check.run)}>
      <p class="soft small">Step 2 of 3</p>
      <h1 tabIndex={-1}>Check your paper</h1>
      <p class="soft">Type these three words, as you wrote them down.</p>
      {asked.map((index) => (
        <Field
          key={index}
          id={`word-${index}`}
          name={`word-${index}`}
          label={`Word ${index + 1}`}
          autocomplete="off"
          autocapitalize="none"
          spellcheck={false}
        />
      ))}
      <Failure text={check.failure} />
      <Button kind="primary" type="submit">
        Continue
      </Button>
      <Button kind="plain" onClick={back}>
        Show the words again
      </Button>
      <Button kind="quiet" onClick={later}>
        Do this later
      </Button>
    </form>
  )
}

/** Random positions of words, in ascending order. */
function someOf(length: number): number[] {
  const places = new Set<number>()
  while (places.size < ASKED) places.add((crypto.getRandomValues(new Uint32Array(1))[0] ?? 0) % length)
  return [...places].sort((one, other) => one - other)
}
