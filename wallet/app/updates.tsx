import type { JSX } from 'preact'
import { useEffect, useState } from 'preact/hooks'
import { Button } from 'civic-ui'
import { current } from './store.ts'
import { scriptUrl } from './trusted.ts'

/** Says that a new version of the wallet is there, and takes it when the person likes. */
export function Updates(): JSX.Element | null {
  const [waiting, setWaiting] = useState<ServiceWorker>()
  useEffect(() => {
    // A sandbox's wallet comes and goes with the sandbox
    if (!('serviceWorker' in navigator) || current().testUsers.length > 0) return
    watch(setWaiting).catch(() => undefined)
  }, [])
  if (!waiting) return null
  const take = (): void => {
    navigator.serviceWorker.addEventListener('controllerchange', () => location.reload())
    waiting.postMessage('take')
  }
  return (
    <div class="note row reminder" role="status">
      <span class="grow">A new version of the wallet is ready.</span>
      <Button onClick={take}>Use it</Button>
    </div>
  )
}

async function watch(found: (worker: ServiceWorker) => void): Promise<void> {
  const registration = await navigator.serviceWorker.register(scriptUrl('service-worker.js'))
  const { waiting } = registration
  if (waiting) found(waiting)
  registration.addEventListener('updatefound', () => {
    const { installing } = registration
    installing?.addEventListener('statechange', () => {
      // The first one serves this very page
      if (installing.state === 'installed' && navigator.serviceWorker.controller) found(installing)
    })
  })
}
