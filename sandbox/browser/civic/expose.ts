import { Sip } from './sip.ts'

declare global {
  interface Window {
    civic: unknown
  }
}

/** Makes the library's one global. Sites may give its name to their instance. */
export function expose(): void {
  window.civic = { sip: Sip }
}
