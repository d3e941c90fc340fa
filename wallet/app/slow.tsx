import type { JSX } from 'preact'
import { useEffect, useState } from 'preact/hooks'

const SLOW_MS = 1500

/** Shows a reason if something takes longer than a moment. */
export function Slow({ isRunning }: { isRunning: boolean }): JSX.Element {
  const [isSlow, setSlow] = useState(false)
  useEffect(() => {
    setSlow(false)
    if (!isRunning) return
    const timer = setTimeout(() => setSlow(true), SLOW_MS)
    return () => clearTimeout(timer)
  }, [isRunning])
  return (
    <p role="status" class="small soft">
      {isSlow && 'The attester writes this to the blockchain. That can take a moment.'}
    </p>
  )
}
