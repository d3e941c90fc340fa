import type { ComponentChildren, JSX } from 'preact'
import { Button, errorOf, Failure, Field, problemOf, withFields } from 'civic-ui'

interface Props {
  /** The name of the field for the reason. */
  readonly id: string
  /** The hint that says who reads the reason. */
  readonly hint: string
  /** Characters. */
  readonly maxLength: number
  readonly isRunning: boolean
  readonly failure: string
  readonly approve: () => void
  readonly refuse: (reason: string) => void
  /** Buttons beside Approve. */
  readonly children?: ComponentChildren
}

/** The buttons to approve, or to refuse with a reason. */
export function Verdict(props: Props): JSX.Element {
  const { id, hint, maxLength, isRunning, failure, approve, refuse, children } = props
  const problem = problemOf(failure, ['reason'])
  return (
    <>
      <Failure text={problem.field === undefined ? problem.text : ''} />
      <form class="stack tight" noValidate onSubmit={withFields(({ reason = '' }) => refuse(reason))}>
        <div class="row wrap">
          <Button kind="primary" busy={isRunning} onClick={approve}>
            Approve
          </Button>
          {children}
        </div>
        <Field
          id={id}
          name="reason"
          label="Reason, if you refuse"
          hint={hint}
          maxLength={maxLength}
          autocomplete="off"
          {...errorOf(problem, 'reason')}
        />
        <div>
          <Button kind="danger" type="submit" busy={isRunning}>
            Refuse
          </Button>
        </div>
      </form>
    </>
  )
}
