import { fieldsOf } from './messages.ts'

/**
 * Remembers a small value in this browser for a while: the page's list of the requests that it started, and the
 * iframe's verifiers. If storage is blocked (private modes, third parties), the value lives in the page's memory.
 */
export class Keep {
  private readonly memory: Record<string, string> = {}

  constructor(private readonly prefix: string) {}

  set(id: string, value: string, lifetimeMs: number): void {
    this.dropExpired()
    const entry = JSON.stringify({ expires: Date.now() + lifetimeMs, value })
    this.memory[this.prefix + id] = entry
    stored((storage) => storage.setItem(this.prefix + id, entry))
  }

  get(id: string): string | undefined {
    const entry = stored((storage) => storage.getItem(this.prefix + id)) ?? this.memory[this.prefix + id]
    return entry === undefined ? undefined : live(entry)
  }

  remove(id: string): void {
    this.drop(this.prefix + id)
  }

  private drop(key: string): void {
    // eslint-disable-next-line @typescript-eslint/no-dynamic-delete -- Map is newer than Internet Explorer 11's
    delete this.memory[key]
    stored((storage) => storage.removeItem(key))
  }

  private dropExpired(): void {
    const keys = stored((storage) => Object.keys(storage)) ?? []
    keys.forEach((key) => {
      if (key.indexOf(this.prefix) !== 0) return
      const entry = stored((storage) => storage.getItem(key))
      if (typeof entry === 'string' && live(entry) === undefined) this.drop(key)
    })
  }
}

function live(entry: string): string | undefined {
  try {
    const { expires, value } = fieldsOf(JSON.parse(entry))
    return typeof expires === 'number' && expires > Date.now() && typeof value === 'string'
      ? value
      : undefined
  } catch {
    return undefined
  }
}

function stored<T>(use: (storage: Storage) => T): T | undefined {
  try {
    return use(window.localStorage)
  } catch {
    return undefined
  }
}
