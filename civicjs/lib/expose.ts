import { Sip } from './sip.ts'

declare const module: { exports?: unknown } | null | undefined
declare const define: ((needs: string[], make: () => unknown) => void) & { amd?: unknown }

/**
 * Exposes the library as a CommonJS or AMD module, otherwise as the global `civic.sip`. Sites may use the name `civic`
 * for their instance, and add properties.
 */
export function expose(): void {
  if (typeof module === 'object' && typeof module?.exports === 'object') module.exports = Sip
  else if (typeof define === 'function' && define.amd !== undefined) define([], () => Sip)
  else (ownCivic() ?? (window.civic = {})).sip = Sip
}

/** The site's `civic` object. Not an element with that id, which is a global as well. */
function ownCivic(): { sip?: unknown } | undefined {
  const isOwn = Object.prototype.hasOwnProperty.call(window, 'civic')
  return isOwn && typeof window.civic === 'object' && window.civic !== null ? window.civic : undefined
}

declare global {
  interface Window {
    civic: unknown
  }
}
