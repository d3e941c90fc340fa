import { element, empty, remove, removeAll } from './dom.ts'
import { isStyled, layOutBare } from './styles.ts'
import { hideToast } from './toast.ts'

export interface ModalOptions {
  /** The iframe page. */
  src: string
  /** The dialog's name for screen readers. */
  title: string
  /** The person closed the dialog: by its button, with Escape, or by a click beside it. */
  dismissed: () => void
}

/** The dialog's texts if the iframe page is missing. */
export interface Notice {
  heading: string
  text: string
  retry: () => void
}

/** The height until the iframe page reports its own, in pixels. */
const usualHeight = 490
const bodyClasses = ['civic-hit-the-lights', 'civic-no-scroll']

/**
 * The dialog around the iframe page. Sites' style sheets use its class names. Its elements stay in the page, hidden,
 * until the next dialog replaces them: some sites ask another question in `.civic-content`.
 */
export class Modal {
  readonly frame = document.createElement('iframe')
  private readonly lightsOut = element('div', 'civic-lights-out')
  private readonly dialog = element('div', 'civic-modal civic-qrcode')
  private readonly window = element('div', 'civic-window')
  private readonly content = element('div', 'civic-content')
  private readonly focusBefore = document.activeElement
  /** Shown instead of the iframe page until its first message: before that it is empty, or the browser's error page. */
  private readonly notice = element('div', 'civic-notice')
  private readonly parts: Readonly<Record<string, HTMLElement>>
  private takeBareAway = (): void => undefined
  private returningFocus = false

  constructor(private readonly options: ModalOptions) {
    this.window.setAttribute('role', 'dialog')
    this.window.setAttribute('aria-modal', 'true')
    this.window.setAttribute('aria-label', options.title)
    this.window.tabIndex = -1

    this.content.id = 'civic-iframe-zone'
    this.frame.id = 'civic-sr-frame'
    this.frame.title = options.title
    // The iframe page gets its parent's origin from the referrer
    this.frame.setAttribute('referrerpolicy', 'origin')
    this.frame.src = options.src
    this.content.appendChild(this.frame)

    const close = button('civic-close', '\u00d7', options.dismissed)
    close.setAttribute('aria-label', 'Close')

    this.window.appendChild(this.content)
    this.window.appendChild(this.notice)
    this.window.appendChild(close)
    this.dialog.appendChild(guard(() => close.focus()))
    this.dialog.appendChild(this.window)
    this.dialog.appendChild(guard(() => this.focusFirst()))
    this.dialog.addEventListener('click', (event) => {
      if (event.target === this.dialog) options.dismissed()
    })
    this.parts = {
      'civic-lights-out': this.lightsOut,
      'civic-modal': this.dialog,
      'civic-window': this.window,
      'civic-frame': this.frame,
      'civic-notice': this.notice,
      'civic-close': close,
    }
    this.resize(usualHeight)
    this.showOpening()
  }

  open(): void {
    hideToast()
    removeAll('.civic-lights-out, .civic-modal.civic-qrcode')
    document.body.appendChild(this.lightsOut)
    document.body.appendChild(this.dialog)
    this.takeBareAway = layOutBare(this.parts)
    document.addEventListener('keydown', this.onKeyDown, true)
    document.addEventListener('focus', this.onFocus, true)
    // Reading a size makes the browser render the first state, so that the second one fades in
    this.dialog.getBoundingClientRect()
    bodyClasses.forEach((name) => document.body.classList.add(name))
    this.dialog.classList.add('civic-show')
    this.focus()
  }

  focus(): void {
    this.window.focus()
  }

  /** Hides the dialog and removes its contents, including the iframe page. */
  close(): void {
    document.removeEventListener('keydown', this.onKeyDown, true)
    document.removeEventListener('focus', this.onFocus, true)
    bodyClasses.forEach((name) => document.body.classList.remove(name))
    this.dialog.classList.remove('civic-show')
    this.content.style.visibility = ''
    ;[this.dialog, this.window, this.content].forEach(empty)
    this.dialog.appendChild(this.window)
    this.window.appendChild(this.content)
    this.takeBareAway()
    // The bare layout does not hide them
    if (!isStyled()) [this.lightsOut, this.dialog].forEach(remove)
    if (this.focusBefore instanceof HTMLElement) this.focusBefore.focus()
  }

  /** Makes the iframe page as high as its content. */
  resize(height: number): void {
    this.frame.style.height = `${height}px`
  }

  /** Shows why the iframe page did not load, with a button to try again. */
  showFailure({ heading, text, retry }: Notice): void {
    const title = document.createElement('h2')
    title.appendChild(document.createTextNode(heading))
    const message = document.createElement('p')
    message.appendChild(document.createTextNode(text))
    const again = button('civic-button-a medium', 'Try again', retry)
    this.showNotice('alert', [element('div', 'civic-mark'), title, message, again])
    again.focus()
  }

  /** Shows the iframe page. */
  showFrame(): void {
    const hadFocus = this.notice.contains(document.activeElement)
    remove(this.notice)
    this.content.style.visibility = ''
    if (hadFocus) this.focus()
  }

  /** Reloads the iframe page. */
  reload(): void {
    this.showOpening()
    this.focus()
    this.frame.src = this.options.src
  }

  private showOpening(): void {
    const message = document.createElement('p')
    message.appendChild(document.createTextNode('Opening Civic…'))
    this.showNotice('status', [element('div', 'civic-spinner'), message])
  }

  private showNotice(role: string, nodes: readonly HTMLElement[]): void {
    this.content.style.visibility = 'hidden'
    this.notice.setAttribute('role', role)
    empty(this.notice)
    nodes.forEach((node) => this.notice.appendChild(node))
  }

  private focusFirst(): void {
    const again = this.notice.getElementsByTagName('button')[0] as HTMLElement | undefined
    if (this.notice.parentNode === null || again === undefined) this.frame.focus()
    else again.focus()
  }

  private readonly onKeyDown = (event: KeyboardEvent): void => {
    if (event.key !== 'Escape' && event.key !== 'Esc') return
    event.preventDefault()
    event.stopPropagation()
    this.options.dismissed()
  }

  private readonly onFocus = (event: FocusEvent): void => {
    const inside = event.target instanceof Node && this.dialog.contains(event.target)
    // Not while it is already moving the focus: another dialog that keeps the focus would pull it back for ever
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

/** A hidden tab stop that sends the focus back into the dialog. */
function guard(focused: () => void): HTMLElement {
  const node = element('div', 'civic-focus-guard')
  node.tabIndex = 0
  node.addEventListener('focus', focused)
  return node
}
