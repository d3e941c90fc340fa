import { element, remove } from './dom.ts'

/** The style sheet that belongs to an iframe page, on the same server. */
export function styleSheetOf(frameUrl: string): string {
  const [page = ''] = frameUrl.split(/[?#]/)
  return page.replace(/\/(?:scopeRequest\/[^/]*|frame)\/[^/]*$/, '') + '/css/civic-modal.min.css'
}

let link: HTMLLinkElement | undefined

/**
 * Links the style sheet at `url`, where the page has none. It goes before all others, so that the site's own rules
 * are stronger.
 */
export function linkStyleSheet(url: string): void {
  if (document.querySelector('link[href*="civic-modal"]') !== null || isStyled()) return
  link = document.createElement('link')
  link.rel = 'stylesheet'
  link.href = url
  const head = document.getElementsByTagName('head')[0] ?? document.documentElement
  head.insertBefore(link, head.firstChild)
}

/** Whether the page has the style sheet, or its own rules in its place. */
export function isStyled(): boolean {
  const probe = element('div', 'civic-lights-out')
  document.documentElement.appendChild(probe)
  const { position } = window.getComputedStyle(probe)
  remove(probe)
  return position === 'fixed'
}

const whole = 'position fixed, top 0, right 0, bottom 0, left 0, zIndex 2147483000'
/** The fewest rules with which the dialog can be used. */
const bare: Readonly<Record<string, string>> = {
  'civic-lights-out': `${whole}, background #000, opacity 0.5`,
  'civic-modal': `${whole}, display flex, alignItems center, justifyContent center`,
  'civic-window': 'position relative, width 440px, maxWidth 100%, background #fff, color #000',
  'civic-frame': 'display block, width 100%, maxHeight 100vh, border 0',
  'civic-notice': 'position absolute, top 0, right 0, left 0, padding 64px 32px, textAlign center',
  'civic-close': 'position absolute, top 12px, right 12px',
}

/**
 * Lays out the parts of the open dialog, by their names in `bare`, where no style sheet has come yet, or the site's
 * content security policy refuses it: no policy refuses rules that a script sets.
 * @returns what takes the rules away again
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
