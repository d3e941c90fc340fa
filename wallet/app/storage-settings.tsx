import type { JSX } from 'preact'
import { useEffect, useState } from 'preact/hooks'
import { Section } from './section.tsx'

/** Warns if the browser has not promised to keep the wallet. */
export function StorageSettings(): JSX.Element | null {
  const [isPromised, setPromised] = useState(true)
  useEffect(() => {
    const { storage } = navigator as Partial<Navigator>
    if (storage) void storage.persisted().then(setPromised)
    else setPromised(false)
  }, [])
  if (isPromised) return null
  return (
    <Section
      title="Storage"
      text="Your browser has not promised to keep this wallet: it can delete it when space runs out. Install the wallet on your home screen, and keep your words and a file."
    />
  )
}
