/** What the wallet and the dashboard share. Bundled into each, and never published. */

export { ask, Refusal, sentence } from './ask.ts'
export { Badge, Button, Failure, Field, Mark } from './components.tsx'
export type { Tone } from './components.tsx'
export { withFields } from './form.ts'
export { useAction, useEvery, useFragment, useNow } from './hooks.ts'
export type { Action } from './hooks.ts'
export { labelName, setName } from './labels.ts'
export { browserOf, dateTime, duration, time } from './times.ts'
