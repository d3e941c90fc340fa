import type { ComponentChildren, JSX } from 'preact'
import { useLayoutEffect } from 'preact/hooks'
import { Button, Mark } from './components.tsx'
import { clockTime } from './times.ts'

let isFirst = true

/**
 * Names the screen in the browser's title, and moves the focus to its heading, since what had it is gone. The first
 * screen leaves the focus where the browser put it.
 *
 * @param title of the screen, such as `Apps`
 * @param of what all the screens are of
 */
export function useScreen(title: string, of: string): void {
  useLayoutEffect(() => {
    document.title = `${title} · ${of}`
  }, [title, of])
  useLayoutEffect(() => {
    if (!isFirst) focusHeading()
    isFirst = false
  }, [])
}

/** Moves the focus to the heading of a screen or a section, which must be able to have it (`tabIndex={-1}`). */
export function focusHeading(selector = 'h1'): void {
  document.querySelector<HTMLElement>(selector)?.focus()
}

export interface NavEntry {
  readonly name: string
  readonly url: string
  readonly isCurrent?: boolean
}

/** The pages of partners and of developers: a header with the pages there are, and the one that is shown. */
export function Desk({
  brand,
  pages,
  links,
  end,
  children,
}: {
  brand: string
  pages: readonly NavEntry[]
  /** Pages of somebody else. */
  links: readonly NavEntry[]
  /** What ends the visit. */
  end?: { readonly name: string; readonly act: () => void }
  children: ComponentChildren
}): JSX.Element {
  return (
    <div class="desk">
      <header>
        <a class="brand" href="#">
          <Mark />
          {brand}
        </a>
        <nav aria-label="Pages">
          {pages.map(({ name, url, isCurrent = false }) => (
            <a key={url} href={url} aria-current={isCurrent ? 'page' : undefined}>
              {name}
            </a>
          ))}
          {links.map(({ name, url }) => (
            <a key={url} class="elsewhere" href={url}>
              {name}
            </a>
          ))}
          {end && (
            <Button kind="quiet" onClick={end.act}>
              {end.name}
            </Button>
          )}
        </nav>
      </header>
      <main>{children}</main>
    </div>
  )
}

/** What is shown of a server that does not respond any more. */
export function Stopped({ what, since }: { what: string; since: number | undefined }): JSX.Element {
  return (
    <p role="status" class="stopped">
      {since !== undefined && `${what} has stopped. Showing what was there at ${clockTime(since)}.`}
    </p>
  )
}

/** For an address that leads nowhere. */
export function Missing({
  what,
  of,
  children,
}: {
  what: string
  of: string
  children: ComponentChildren
}): JSX.Element {
  useScreen('Not found', of)
  return (
    <div class="stack">
      <h1 tabIndex={-1}>{what}</h1>
      {children}
    </div>
  )
}
