export interface ModalOptions {
  /** The iframe page. */
  src: string
  /** What a screen reader calls the dialog. */
  title: string
  /** The person closed the dialog: by its button, with Escape, or by a click beside it. */
  dismissed: () => void
}

const fadeMs = 250
/** Until the iframe page speaks there is nothing to see in it, or the browser's own page that says it is blocked. */
const waiting = 'civic-waiting'
const bodyClasses = ['civic-hit-the-lights', 'civic-no-scroll']

/** The dialog that holds the iframe page. The class names are those that sites' own style sheets know. */
export class Modal {
  readonly frame = document.createElement('iframe')
  private readonly lightsOut = element('div', 'civic-lights-out')
  private readonly dialog = element('div', 'civic-modal civic-qrcode')
  private readonly window = element('div', `civic-window ${waiting}`)
  private readonly focusBefore = document.activeElement
  private notice: HTMLElement | undefined
  private returningFocus = false

  constructor(private readonly options: ModalOptions) {
    this.window.setAttribute('role', 'dialog')
    this.window.setAttribute('aria-modal', 'true')
    this.window.setAttribute('aria-label', options.title)
    this.window.tabIndex = -1

    const content = element('div', 'civic-content')
    content.id = 'civic-iframe-zone'
    this.frame.id = 'civic-sr-frame'
    this.frame.title = options.title
    // the iframe page learns from its referrer whom to speak to
    this.frame.setAttribute('referrerpolicy', 'origin')
    this.frame.src = options.src
    content.appendChild(this.frame)

    const close = button('civic-close', '', options.dismissed)
    close.setAttribute('aria-label', 'Close')

    this.window.appendChild(content)
    this.window.appendChild(close)
    this.dialog.appendChild(guard(() => close.focus()))
    this.dialog.appendChild(this.window)
    this.dialog.appendChild(guard(() => this.focusFirst()))
    this.dialog.addEventListener('click', (event) => {
      if (event.target === this.dialog) options.dismissed()
    })
  }

  open(): void {
    document.body.appendChild(this.lightsOut)
    document.body.appendChild(this.dialog)
    document.addEventListener('keydown', this.onKeyDown, true)
    document.addEventListener('focus', this.onFocus, true)
    this.focus()
    // reading a size makes the browser draw the first state, so that the second one fades in
    this.dialog.getBoundingClientRect()
    bodyClasses.forEach((name) => document.body.classList.add(name))
    this.dialog.classList.add('civic-show')
  }

  focus(): void {
    this.window.focus()
  }

  /** Takes the dialog away, with its fade or, to make room for another, at once. */
  close(atOnce = false): void {
    document.removeEventListener('keydown', this.onKeyDown, true)
    document.removeEventListener('focus', this.onFocus, true)
    bodyClasses.forEach((name) => document.body.classList.remove(name))
    this.dialog.classList.remove('civic-show')
    if (atOnce) this.remove()
    else setTimeout(() => this.remove(), fadeMs)
    if (this.focusBefore instanceof HTMLElement) this.focusBefore.focus()
  }

  /** Says, in place of an iframe page that did not come, what is wrong, with a way to try again. */
  showFailure(text: string, retry: () => void): void {
    this.hideFailure()
    const notice = element('div', 'civic-notice')
    notice.setAttribute('role', 'alert')
    const message = document.createElement('p')
    message.appendChild(document.createTextNode(text))
    notice.appendChild(message)
    const again = button('civic-button-a medium', 'Try again', retry)
    notice.appendChild(again)
    this.window.appendChild(notice)
    this.notice = notice
    again.focus()
  }

  /** The iframe page is there. */
  showFrame(): void {
    this.hideFailure()
    this.window.classList.remove(waiting)
  }

  private hideFailure(): void {
    if (this.notice === undefined) return
    this.window.removeChild(this.notice)
    this.notice = undefined
    this.focus()
  }

  /** Loads the iframe page afresh. */
  reload(): void {
    this.hideFailure()
    this.window.classList.add(waiting)
    this.frame.src = this.options.src
  }

  private remove(): void {
    ;[this.lightsOut, this.dialog].forEach((node) => node.parentNode?.removeChild(node))
  }

  private focusFirst(): void {
    if (this.notice === undefined) this.frame.focus()
    else this.notice.getElementsByTagName('button')[0]?.focus()
  }

  private readonly onKeyDown = (event: KeyboardEvent): void => {
    if (event.key !== 'Escape' && event.key !== 'Esc') return
    event.preventDefault()
    event.stopPropagation()
    this.options.dismissed()
  }

  private readonly onFocus = (event: FocusEvent): void => {
    const inside = event.target instanceof Node && this.dialog.contains(event.target)
    // once at a time: a dialog of the site that also keeps the focus would otherwise pull back for ever
    if (inside || this.returningFocus || event.target === document) return
    this.returningFocus = true
    this.focus()
    this.returningFocus = false
  }
}

function element(tag: string, className: string): HTMLElement {
  const node = document.createElement(tag)
  node.className = className
  return node
}

function button(className: string, text: string, clicked: () => void): HTMLButtonElement {
  const node = document.createElement('button')
  node.type = 'button'
  node.className = className
  const label = document.createElement('span')
  label.appendChild(document.createTextNode(text))
  node.appendChild(label)
  node.addEventListener('click', () => clicked())
  return node
}

/** An unseen stop in the tab order that sends the focus back into the dialog. */
function guard(focused: () => void): HTMLElement {
  const node = element('div', 'civic-focus-guard')
  node.tabIndex = 0
  node.addEventListener('focus', focused)
  return node
}
