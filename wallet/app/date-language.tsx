import type { JSX } from 'preact'
import { Choice, dateTime, Failure, useAction } from 'civic-ui'
import type { Identity } from './identity.ts'
import { Section } from './section.tsx'
import { keep } from './store.ts'

const LANGUAGES = ['en-GB', 'en-US', 'de', 'es', 'fr', 'it', 'ja', 'ko', 'nl', 'pl', 'pt', 'tr', 'uk', 'zh']

/** The setting for the language of dates and times. */
export function DateLanguage({ identity }: { identity: Identity }): JSX.Element {
  const { dateLanguage = '' } = identity.kept
  const choose = useAction((language: string) => keep(identity, { dateLanguage: language }))
  return (
    <Section title="Dates" text={`It is now ${dateTime(Date.now())}.`}>
      <Choice
        id="date-language"
        label="Language of dates"
        value={dateLanguage}
        onChange={({ currentTarget }) => choose.run(currentTarget.value)}
      >
        <option value="">Same as this browser</option>
        {LANGUAGES.map((language) => (
          <option key={language} value={language}>
            {nameOf(language)}
          </option>
        ))}
      </Choice>
      <Failure text={choose.failure} />
    </Section>
  )
}

/** A language's name in that language. */
function nameOf(language: string): string {
  return new Intl.DisplayNames(language, { type: 'language' }).of(language) ?? language
}
