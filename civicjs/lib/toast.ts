import { element, remove, removeAll } from './dom.ts'

const shownMs = 3_000

/** Tells people on the site's page how their request ended. */
export function showToast(text: string, className: string): void {
  hideToast()
  const toast = element('div', `civic-toast ${className}`)
  toast.setAttribute('role', 'status')
  document.body.appendChild(toast)
  // Screen readers announce changes only in a status that exists already
  setTimeout(() => (toast.textContent = text), 0)
  setTimeout(() => remove(toast), shownMs)
}

export function hideToast(): void {
  removeAll('.civic-toast')
}
