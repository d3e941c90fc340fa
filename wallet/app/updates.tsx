import type { JSX } from 'preact'
import { useEffect, useState } from 'preact/hooks'
import { Button } from 'civic-ui'
import { current } from './store.ts'
import { scriptUrl } from './trusted.ts'

/** Offers a new version of the wallet, and installs it when the person agrees. */
export function Updates(): JSX.Element | null {
  const [waiting, setWaiting] = useState<ServiceWorker>()
  useEffect(() => {
    // A sandbox's wallet has the sandbox's version
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
      // The first service worker serves this page already
      if (installing.state === 'installed' && navigator.serviceWorker.controller) found(installing)
    })
  })
}
