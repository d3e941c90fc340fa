/** The steps of the page. Each is a section of index.html with this id. */
export type Step =
  | 'starting'
  | 'intro'
  | 'code'
  | 'read'
  | 'confirm'
  | 'elsewhere'
  | 'done'
  | 'cancelled'
  | 'expired'
  | 'failed'

const steps: Step[] = ['starting', 'intro', 'code', 'read', 'confirm', 'elsewhere', 'done', 'cancelled']
steps.push('expired', 'failed')

/** Shows one step and hides the others; screen readers hear its heading. */
export function show(step: Step): void {
  const hadFocus = document.activeElement !== document.body && document.activeElement !== null
  steps.forEach((id) => (byId(id).hidden = id !== step))
  const heading = byId(step).querySelector('h1')
  const text = heading?.textContent ?? ''
  setText('status', text)
  document.title = text === '' ? 'Civic' : `${text} · Civic`
  // The focused element is hidden with its step, so move the focus to the new heading
  if (hadFocus) heading?.focus()
}

export function byId(id: string): HTMLElement {
  const node = document.getElementById(id)
  if (node === null) throw new Error(`index.html has no element ${id}`)
  return node
}

/** Our CivicJS makes its dialog as high as this page. The original's has a fixed size, which this page fills. */
export function fitDialog(tell: (height: number) => void): void {
  if (document.documentElement.className !== '') return
  document.documentElement.className = 'fits'
  watchHeight(tell)
}

/** Calls `tell` with the height of the page's content, in pixels, now and whenever it changes. */
function watchHeight(tell: (height: number) => void): void {
  const app = byId('app')
  let told = 0
  const measure = (): void => {
    const height = Math.ceil(app.getBoundingClientRect().height)
    if (height === told || height === 0) return
    told = height
    tell(height)
  }
  new MutationObserver(measure).observe(app, {
    attributes: true,
    characterData: true,
    childList: true,
    subtree: true,
  })
  window.addEventListener('resize', measure)
  measure()
}

/** Calls `act` on clicks on the selected elements. */
export function onClick(selector: string, act: () => void): void {
  const buttons = document.querySelectorAll(selector)
  for (let i = 0; i < buttons.length; i++) buttons[i]?.addEventListener('click', act)
}

/** Sets text, never HTML. */
export function setText(id: string, text: string): void {
  byId(id).textContent = text
}

/**
 * Shows the QR code, if this page may: PNG or SVG data, or an image on its host. Hides it if `imageUri` is empty.
 * @returns false if the image is not allowed
 */
export function showQrCode(imageUri: string): boolean {
  showPaper(imageUri !== '')
  if (imageUri === '') return true
  const own = `${window.location.protocol}//${window.location.host}/`
  const allowed = /^data:image\/(?:png|svg\+xml)[;,]/i.test(imageUri) || imageUri.slice(0, own.length) === own
  if (allowed) byId('qr').setAttribute('src', imageUri)
  return allowed
}

/** Shows the step with the QR code, or without one. */
export function showPaper(hasCode: boolean): void {
  byId('paper').hidden = !hasCode
  setText('expires', hasCode ? 'Code expires in' : 'The request expires in')
}

/** Counts down to `deadline` (epoch ms) by the clock, so that a computer's sleep counts too. */
export class Countdown {
  private timer: ReturnType<typeof setTimeout> | undefined

  constructor(
    private readonly deadline: number,
    private readonly ended: () => void,
  ) {
    this.tick()
  }

  stop(): void {
    clearTimeout(this.timer)
  }

  private tick(): void {
    const left = Math.max(0, Math.ceil((this.deadline - Date.now()) / 1000))
    const seconds = left % 60
    setText('countdown', `${Math.floor(left / 60)}:${seconds < 10 ? '0' : ''}${seconds}`)
    if (left === 0) this.ended()
    else this.timer = setTimeout(() => this.tick(), (this.deadline - Date.now()) % 1000 || 1000)
  }
}
