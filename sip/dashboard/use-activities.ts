import { useCallback, useEffect, useState } from 'preact/hooks'
import { api } from './api.ts'
import type { Activity } from './api.ts'

/** Of each app, as the server keeps them. */
const LENGTH = 200
const AGAIN_MS = 2000

export interface Activities {
  /** Newest first. */
  readonly entries: readonly Activity[]
  /** Whether the list is live. */
  readonly isLive: boolean
  /** Adds those of one app: the list of all leaves older ones out where another app has many. */
  readonly load: (appId: string) => Promise<void>
}

/** The server's list, updated by its events. */
export function useActivities(): Activities {
  const [entries, setEntries] = useState<readonly Activity[]>([])
  const [isLive, setLive] = useState(false)
  useEffect(() => {
    let events: EventSource
    let timer: number | undefined
    const listen = (): void => {
      events = api.requestEvents()
      // Events that arrive before the list, which may be older than they are.
      let since: Activity[] | undefined
      const ask = (): void => {
        const asked: Activity[] = []
        since = asked
        api.requests().then(
          (listed) => {
            if (since === asked) since = undefined
            setEntries(asked.reduce(merged, listed))
            setLive(events.readyState === EventSource.OPEN)
          },
          () => setLive(false),
        )
      }
      // Loaded after the events connect, and again after a break, so that nothing is missed.
      events.onopen = ask
      events.onerror = () => {
        setLive(false)
        // Checks whether the server still responds
        ask()
        // The browser reconnects by itself after a break, but not after a refusal
        if (events.readyState === EventSource.CLOSED) timer = setTimeout(listen, AGAIN_MS)
      }
      events.onmessage = ({ data }: MessageEvent<string>) => {
        const entry = JSON.parse(data) as Activity
        since?.push(entry)
        setEntries((all) => merged(all, entry))
      }
    }
    listen()
    return () => {
      clearTimeout(timer)
      events.close()
    }
  }, [])
  const load = useCallback(async (appId: string) => {
    const listed = await api.requests(appId)
    setEntries((all) => {
      const known = new Set(all.map(({ id }) => id))
      const missing = listed.filter(({ id }) => !known.has(id))
      return [...all, ...missing].sort((one, other) => other.at - one.at)
    })
  }, [])
  return { entries, isLive, load }
}

function merged(all: readonly Activity[], entry: Activity): readonly Activity[] {
  const isKnown = all.some(({ id }) => id === entry.id)
  if (isKnown) return all.map((other) => (other.id === entry.id ? entry : other))
  let left = LENGTH
  return [entry, ...all].filter(({ appId }) => appId !== entry.appId || left-- > 0)
}
