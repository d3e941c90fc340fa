import type { JSX } from 'preact'
import {
  Button,
  Choice,
  errorOf,
  Failure,
  Field,
  problemOf,
  TextArea,
  useAction,
  useScreen,
  withFields,
} from 'civic-ui'
import { api, OF, withoutSecrets } from './api.ts'
import type { App, Me, SecretKeys } from './api.ts'
import { newKeyPair } from './key-pair.ts'

/** Creates an app, and shows its secrets. */
export function NewAppForm({
  me,
  made,
}: {
  /** Undefined on a server without accounts, where an app can be live at once. */
  me: Me | undefined
  made: (app: App, keys: SecretKeys) => void
}): JSX.Element {
  const partners = (me?.memberships ?? []).filter(({ role }) => role !== 'OPERATOR' && role !== 'REVIEWER')
  useScreen('New app', OF)
  const make = useAction(
    async ({ name = '', environment, whitelist = '', partnerId }: Readonly<Record<string, string>>) => {
      const entries = whitelist.split(/[\s,]+/).filter((entry) => entry !== '')
      const { prvKey, pubKey } = newKeyPair()
      const stage = environment === 'live' ? 'live' : 'test'
      const of = partnerId === undefined ? {} : { partnerId }
      const app = await api.createApp({ name, environment: stage, whitelist: entries, pubKey, ...of })
      const [keys] = app.keys
      if (keys) made({ ...app, keys: [withoutSecrets(keys)] }, { ...keys, prvKey })
      location.hash = `app/${app.appId}`
    },
  )
  const problem = problemOf(make.failure, ['name', 'whitelist'])
  return (
    <form class="card pad stack narrow" noValidate onSubmit={withFields(make.run)}>
      <h1 tabIndex={-1}>New app</h1>
      <Field
        id="name"
        name="name"
        label="Name"
        hint="People see this name in their wallet."
        autocomplete="off"
        maxLength={80}
        {...errorOf(problem, 'name')}
      />
      {partners.length > 1 && (
        <Choice id="partnerId" name="partnerId" label="Partner">
          {partners.map(({ partnerId, partnerName }) => (
            <option key={partnerId} value={partnerId}>
              {partnerName}
            </option>
          ))}
        </Choice>
      )}
      {me ? (
        <p class="soft small">It begins as a test app. Ask for a review to make it live.</p>
      ) : (
        <EnvironmentChoice />
      )}
      <TextArea
        id="whitelist"
        name="whitelist"
        label="Allowed domains"
        hint="One on each line: an origin (https://shop.example.org:8443), or a bare host name for all its ports. No other page gets a QR code."
        rows={3}
        spellcheck={false}
        {...errorOf(problem, 'whitelist')}
      />
      <Failure text={problem.field === undefined ? problem.text : ''} />
      <div class="row">
        <Button kind="primary" type="submit" busy={make.isRunning}>
          Create app
        </Button>
        <a class="button quiet" href="#">
          Cancel
        </a>
      </div>
    </form>
  )
}

function EnvironmentChoice(): JSX.Element {
  return (
    <fieldset class="stack tight">
      <legend>Environment</legend>
      <label class="choice">
        <input type="radio" name="environment" value="live" defaultChecked />
        <span>
          Live <span class="hint">stage prod</span>
        </span>
      </label>
      <label class="choice">
        <input type="radio" name="environment" value="test" />
        <span>
          Test <span class="hint">stages test and dev, with separate ids and keys</span>
        </span>
      </label>
    </fieldset>
  )
}
