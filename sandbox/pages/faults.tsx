import type { JSX } from 'preact'
import { useCallback, useState } from 'preact/hooks'
import {
  Badge,
  Button,
  Failure,
  Field,
  Choice,
  errorOf,
  problemOf,
  useAction,
  useFresh,
  useScreen,
  withFields,
} from 'civic-ui'
import { api, OF } from './api.ts'
import type { FaultBody } from './api.ts'

const PERIOD_MS = 1500
const STATUSES = [
  ['', 'None: respond as usual'],
  ['400', '400 · the code is rejected'],
  ['401', '401 · the app is rejected'],
  ['429', '429 · too many requests'],
  ['500', '500 · SIP fails'],
  ['503', '503 · SIP is unavailable'],
  ['504', '504 · SIP is too slow'],
] as const

/** Makes SIP's exchange fail, to test a site's reaction. */
export function Faults(): JSX.Element {
  useScreen('Faults', OF)
  const [fault, setFault] = useState<FaultBody>()
  const failure = useFresh(
    PERIOD_MS,
    useCallback(async () => setFault(await api.fault()), []),
  )
  const set = useAction(async (wanted: FaultBody) => setFault(await api.setFault(wanted)))
  const isSet = fault !== undefined && fault.times !== 0
  const problem = problemOf(set.failure.replace(/^fault: (\w+)/i, '$1: it'), ['status', 'delayMs', 'times'])
  return (
    <>
      <h1 tabIndex={-1}>Faults</h1>
      <p class="soft">Makes SIP fail when a site exchanges a code. A failed exchange uses no code.</p>
      <Failure text={failure} />
      <section class="card pad row wrap" aria-label="At the moment" role="status">
        <Badge tone={isSet ? 'bad' : 'good'}>{isSet ? 'failing' : 'working'}</Badge>
        <span class="grow">{fault ? described(fault) : ''}</span>
        {isSet && (
          <Button busy={set.isRunning} onClick={() => set.run({ times: 0 })}>
            End the fault
          </Button>
        )}
      </section>
      <form
        class="card pad stack narrow"
        noValidate
        onSubmit={withFields((texts) => set.run(faultOf(texts)))}
      >
        <h2>New fault</h2>
        <Choice id="status" name="status" label="Status" {...errorOf(problem, 'status')}>
          {STATUSES.map(([value, label]) => (
            <option key={value} value={value} selected={value === '500'}>
              {label}
            </option>
          ))}
        </Choice>
        <Field
          id="delayMs"
          name="delayMs"
          label="Delay in milliseconds"
          hint="SIP waits first: over ten seconds, a site’s client gives up."
          inputMode="numeric"
          defaultValue="0"
          {...errorOf(problem, 'delayMs')}
        />
        <label class="choice">
          <input type="checkbox" name="cut" value="yes" />
          <span>
            Cut the response
            <span class="hint">The connection breaks in the middle of the response.</span>
          </span>
        </label>
        <Field
          id="times"
          name="times"
          label="How often"
          hint="The number of exchanges that fail. Empty: every exchange, until you end the fault."
          inputMode="numeric"
          defaultValue="1"
          {...errorOf(problem, 'times')}
        />
        <Failure text={problem.field === undefined ? problem.text : ''} />
        <div>
          <Button kind="danger" type="submit" busy={set.isRunning}>
            Make SIP fail
          </Button>
        </div>
      </form>
    </>
  )
}

function faultOf({
  status = '',
  delayMs = '',
  cut,
  times = '',
}: Readonly<Record<string, string>>): FaultBody {
  return {
    ...(status !== '' && { status: Number(status) }),
    delayMs: Number(delayMs),
    cut: cut === 'yes',
    times: times === '' ? 'always' : Number(times),
  }
}

function described({ status, delayMs = 0, cut = false, times }: FaultBody): string {
  if (times === 0) return 'Exchanges work.'
  const how = [
    delayMs > 0 && `waits ${delayMs} ms`,
    status !== undefined && `responds ${status}`,
    cut && 'cuts the response',
  ].filter(Boolean)
  const often =
    times === 'always' ? 'Every exchange' : times === 1 ? 'The next exchange' : `The next ${times} exchanges`
  return `${often}: SIP ${how.length === 0 ? 'responds as usual' : how.join(', ')}.`
}
