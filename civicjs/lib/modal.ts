import { element, empty, removeAll } from './dom.ts'
import { hideToast } from './toast.ts'

export interface ModalOptions {
  /** The iframe page. */
  src: string
  /** What a screen reader calls the dialog. */
  title: string
  /** The person closed the dialog: by its button, with Escape, or by a click beside it. */
  dismissed: () => void
}

/** Until the iframe page speaks there is nothing to see in it, or the browser's own page that says it is blocked. */
const waiting = 'civic-waiting'
const bodyClasses = ['civic-hit-the-lights', 'civic-no-scroll']

/**
 * The dialog that holds the iframe page. The class names are those that sites' own style sheets know, and its
 * elements stay in the page, hidden, until the next dialog replaces them: some sites go on in them with a
 * question, in `.civic-content`.
 */
export class Modal {
  readonly frame = document.createElement('iframe')
  private readonly lightsOut = element('div', 'civic-lights-out')
  private readonly dialog = element('div', 'civic-modal civic-qrcode')
  private readonly window = element('div', `civic-window ${waiting}`)
  private readonly content = element('div', 'civic-content')
  private readonly focusBefore = document.activeElement
  private notice: HTMLElement | undefined
  private returningFocus = false

  constructor(private readonly options: ModalOptions) {
    this.window.setAttribute('role', 'dialog')
    this.window.setAttribute('aria-modal', 'true')
    this.window.setAttribute('aria-label', options.title)
    this.window.tabIndex = -1

    this.content.id = 'civic-iframe-zone'
    this.frame.id = 'civic-sr-frame'
    this.frame.title = options.title
    // The iframe page learns the origin of its parent from the referrer
    this.frame.setAttribute('referrerpolicy', 'origin')
    this.frame.src = options.src
    this.content.appendChild(this.frame)

    const close = button('civic-close', '', options.dismissed)
    close.setAttribute('aria-label', 'Close')

    this.window.appendChild(this.content)
    this.window.appendChild(close)
    this.dialog.appendChild(guard(() => close.focus()))
    this.dialog.appendChild(this.window)
    this.dialog.appendChild(guard(() => this.focusFirst()))
    this.dialog.addEventListener('click', (event) => {
      if (event.target === this.dialog) options.dismissed()
    })
  }

  open(): void {
    hideToast()
    removeAll('.civic-lights-out, .civic-modal.civic-qrcode')
    document.body.appendChild(this.lightsOut)
    document.body.appendChild(this.dialog)
    document.addEventListener('keydown', this.onKeyDown, true)
    document.addEventListener('focus', this.onFocus, true)
    // Reading a size makes the browser draw the first state, so that the second one fades in
    this.dialog.getBoundingClientRect()
    bodyClasses.forEach((name) => document.body.classList.add(name))
    this.dialog.classList.add('civic-show')
    this.focus()
  }

  focus(): void {
    this.window.focus()
  }

  /** Hides the dialog and takes the iframe page, and all else but its frame, out of it. */
  close(): void {
    document.removeEventListener('keydown', this.onKeyDown, true)
    document.removeEventListener('focus', this.onFocus, true)
    bodyClasses.forEach((name) => document.body.classList.remove(name))
    this.dialog.classList.remove('civic-show')
    this.window.classList.remove(waiting)
    ;[this.dialog, this.window, this.content].forEach(empty)
    this.dialog.appendChild(this.window)
    this.window.appendChild(this.content)
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
    // Once at a time: a dialog of the site that also keeps the focus would otherwise pull back for ever
    if (inside || this.returningFocus || event.target === document) return
    this.returningFocus = true
    this.focus()
    this.returningFocus = false
  }
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
