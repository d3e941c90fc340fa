import { element, remove } from './dom.ts'

/** The URL of the style sheet on the iframe page's server. */
export function styleSheetOf(frameUrl: string): string {
  const [page = ''] = frameUrl.split(/[?#]/)
  return page.replace(/\/(?:scopeRequest\/[^/]*|frame)\/[^/]*$/, '') + '/css/civic-modal.min.css'
}

let link: HTMLLinkElement | undefined

/**
 * Links the style sheet at `url`, if the page has none. It goes before all others, so that the site's rules win.
 */
export function linkStyleSheet(url: string): void {
  if (document.querySelector('link[href*="civic-modal"]') !== null || isStyled()) return
  link = document.createElement('link')
  link.rel = 'stylesheet'
  link.href = url
  const head = document.getElementsByTagName('head')[0] ?? document.documentElement
  head.insertBefore(link, head.firstChild)
}

/** Whether the page has the style sheet, or rules of the site instead. */
export function isStyled(): boolean {
  const probe = element('div', 'civic-lights-out')
  document.documentElement.appendChild(probe)
  const { position } = window.getComputedStyle(probe)
  remove(probe)
  return position === 'fixed'
}

const whole = 'position fixed, top 0, right 0, bottom 0, left 0, zIndex 2147483000'
/** The minimum rules that make the dialog usable. */
const bare: Readonly<Record<string, string>> = {
  'civic-lights-out': `${whole}, background #000, opacity 0.5`,
  'civic-modal': `${whole}, display flex, alignItems center, justifyContent center`,
  'civic-window': 'position relative, width 440px, maxWidth 100%, background #fff, color #000',
  'civic-frame': 'display block, width 100%, maxHeight 100vh, border 0',
  'civic-notice': 'position absolute, top 0, right 0, left 0, padding 64px 32px, textAlign center',
  'civic-close': 'position absolute, top 12px, right 12px',
}

/**
 * Lays out the parts of the open dialog, by their names in `bare`, if no style sheet has loaded yet or the site's
 * content security policy blocks it. No policy blocks properties that a script sets.
 * @returns a function that removes the rules
 */
export function layOutBare(parts: Readonly<Record<string, HTMLElement>>): () => void {
  if (isStyled()) return () => undefined
  setBare(parts, true)
  const undo = (): void => setBare(parts, false)
  link?.addEventListener('load', undo)
  return undo
}

function setBare(parts: Readonly<Record<string, HTMLElement>>, isBare: boolean): void {
  Object.keys(parts).forEach((name) => {
    const style = parts[name]?.style as unknown as Record<string, string>
    ;(bare[name] ?? '').split(', ').forEach((rule) => {
      const space = rule.indexOf(' ')
      style[rule.slice(0, space)] = isBare ? rule.slice(space + 1) : ''
    })
  })
}
