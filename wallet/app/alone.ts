const LOCK = 'civic-wallet'

let release: (() => void) | undefined

/**
 * Makes this tab the only one with the open wallet, because two would overwrite each other's data.
 * @param lost called if another tab takes over
 */
export function standAlone(lost: () => void): Promise<void> {
  if (release) return Promise.resolve()
  return new Promise((resolve, reject) => {
    let own: typeof release
    const hold = (): Promise<void> => {
      resolve()
      return new Promise((done) => {
        own = done
        release = done
      })
    }
    navigator.locks.request(LOCK, { steal: true }, hold).catch((error: unknown) => {
      reject(error)
      if (release !== own) return
      release = undefined
      lost()
    })
  })
}

export function isAlone(): boolean {
  return release !== undefined
}

export function standBack(): void {
  release?.()
  release = undefined
}
