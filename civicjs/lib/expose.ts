import { Sip } from './sip.ts'

declare const module: { exports?: unknown } | null | undefined
declare const define: ((needs: string[], make: () => unknown) => void) & { amd?: unknown }

/**
 * Hands the library to whatever loaded it: as the module of a CommonJS or AMD loader, else as `civic.sip`, the
 * one global. Sites may give that name to their instance, and keep things of their own there.
 */
export function expose(): void {
  if (typeof module === 'object' && typeof module?.exports === 'object') module.exports = Sip
  else if (typeof define === 'function' && define.amd !== undefined) define([], () => Sip)
  else (ownCivic() ?? (window.civic = {})).sip = Sip
}

/** The site's `civic` object. An element with that id does not count. */
function ownCivic(): { sip?: unknown } | undefined {
  const isOwn = Object.prototype.hasOwnProperty.call(window, 'civic')
  return isOwn && typeof window.civic === 'object' && window.civic !== null ? window.civic : undefined
}

declare global {
  interface Window {
    civic: unknown
  }
}
