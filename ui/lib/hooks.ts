import { useCallback, useEffect, useRef, useState } from 'preact/hooks'
import { ANSWERED, SILENCE, SILENT } from './ask.ts'

/** An action that a click starts. It does not start twice at once, and keeps its last error. */
export interface Action<A extends unknown[]> {
  readonly run: (...args: A) => void
  readonly isRunning: boolean
  /** Why the last run failed; empty if it did not. */
  readonly failure: string
}

export function useAction<A extends unknown[]>(act: (...args: A) => unknown): Action<A> {
  const [isRunning, setRunning] = useState(false)
  const [failure, setFailure] = useState('')
  const run = (...args: A): void => {
    if (isRunning) return
    setRunning(true)
    setFailure('')
    Promise.resolve(args)
      .then((given) => act(...given))
      .catch((error: unknown) => setFailure((error as Error).message))
      .finally(() => setRunning(false))
  }
  return { run, isRunning, failure }
}

/** The fragment of the page's address, without its `#`. */
export function useFragment(): string {
  const [fragment, setFragment] = useState(readFragment)
  useEffect(() => {
    const changed = (): void => setFragment(readFragment())
    addEventListener('hashchange', changed)
    // It may have changed since the first render
    changed()
    return () => removeEventListener('hashchange', changed)
  }, [])
  return fragment
}

function readFragment(): string {
  return location.hash.slice(1)
}

/**
 * Calls now, and again every `periodMs` while the page is visible.
 * @returns why the last call failed; empty if it did not
 */
export function useEvery(periodMs: number, act: () => Promise<void>, isWanted = true): string {
  const [failure, setFailure] = useState('')
  useEffect(() => {
    if (!isWanted) return
    let timer: number | undefined
    let isOver = false
    const settle = (error?: Error): void => {
      if (isOver) return
      setFailure(error?.message ?? '')
      timer = setTimeout(next, periodMs)
    }
    const next = (): void => {
      if (document.visibilityState === 'hidden') timer = setTimeout(next, periodMs)
      else act().then(() => settle(), settle)
    }
    next()
    return () => {
      isOver = true
      clearTimeout(timer)
    }
  }, [periodMs, act, isWanted])
  return failure
}

/** Milliseconds since the epoch, updated every second. */
export function useNow(): number {
  const [now, setNow] = useState(() => Date.now())
  const tick = useCallback(() => setNow(Date.now()), [])
  useEffect(() => {
    const timer = setInterval(tick, 1000)
    return () => clearInterval(timer)
  }, [tick])
  return now
}

/** When the server last responded, if it no longer does; undefined while it does, or if it never did. */
export function useStopped(): number | undefined {
  const answered = useRef<number>()
  const [stopped, setStopped] = useState<number>()
  useEffect(() => {
    const onAnswer = (): void => {
      answered.current = Date.now()
      setStopped(undefined)
    }
    const onSilence = (): void => setStopped(answered.current)
    addEventListener(ANSWERED, onAnswer)
    addEventListener(SILENT, onSilence)
    return () => {
      removeEventListener(ANSWERED, onAnswer)
      removeEventListener(SILENT, onSilence)
    }
  }, [])
  return stopped
}

/** As `useEvery`, for a page that uses `useStopped` to say that the server has stopped. */
export function useFresh(periodMs: number, act: () => Promise<void>): string {
  const failure = useEvery(periodMs, act)
  return failure === SILENCE ? '' : failure
}
