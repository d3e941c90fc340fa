import type { ComponentChildren, JSX } from 'preact'
import { useLayoutEffect } from 'preact/hooks'
import { Button, Mark } from './components.tsx'
import { clockTime } from './times.ts'

let isFirst = true

/**
 * Puts the screen's name into the browser's title, and moves the focus to its heading, because the focused element is
 * gone. The first screen leaves the focus alone.
 *
 * @param title the screen's title, such as `Apps`
 * @param of the name that all screens share
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

/** Moves the focus to the heading of a screen or section, which must be focusable (`tabIndex={-1}`). */
export function focusHeading(selector = 'h1'): void {
  document.querySelector<HTMLElement>(selector)?.focus()
}

export interface NavEntry {
  readonly name: string
  readonly url: string
  readonly isCurrent?: boolean
}

/** The frame of the partners' and developers' pages: a header with links to all pages, and the current page. */
export function Desk({
  brand,
  pages,
  links,
  end,
  children,
}: {
  brand: string
  pages: readonly NavEntry[]
  /** Links to other sites' pages. */
  links: readonly NavEntry[]
  /** The button that logs out. */
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

/** The notice for a server that no longer responds. */
export function Stopped({ what, since }: { what: string; since: number | undefined }): JSX.Element {
  return (
    <p role="status" class="stopped">
      {since !== undefined && `${what} has stopped. Showing what was there at ${clockTime(since)}.`}
    </p>
  )
}

/** The page for an unknown address. */
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
