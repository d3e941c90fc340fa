import type { Sandbox } from 'civic-sip-sandbox'

export interface Activity {
  readonly id: string
  readonly state: string
  readonly problem?: string
  readonly origin?: string
  readonly appName: string
}

/** Listens to the dashboard's live list. */
export async function listen(sandbox: Sandbox): Promise<{
  next: (isWanted: (entry: Activity) => boolean) => Promise<Activity>
  close: () => Promise<void>
}> {
  const response = await fetch(`${sandbox.url}/dashboard/api/requests/events`)
  const reader = response.body!.pipeThrough(new TextDecoderStream()).getReader()
  let text = ''
  const next = async (isWanted: (entry: Activity) => boolean): Promise<Activity> => {
    for (;;) {
      const end = text.indexOf('\n\n')
      if (end >= 0) {
        const entry = JSON.parse(text.slice('data: '.length, end)) as Activity
        text = text.slice(end + 2)
        if (isWanted(entry)) return entry
        continue
      }
      const { done, value } = await reader.read()
      if (done) throw new Error('the events ended')
      text += value
    }
  }
  return { next, close: () => reader.cancel() }
}
