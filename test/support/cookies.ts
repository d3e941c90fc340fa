/** The cookies of one browser at one site. */
export class Cookies extends Map<string, string> {
  /** What the browser sends; empty where it has no cookies. */
  get header(): Record<string, string> {
    const text = [...this].map(([name, value]) => `${name}=${value}`).join('; ')
    return text === '' ? {} : { Cookie: text }
  }

  /** Keeps what a response sets. @returns its `Set-Cookie` headers */
  keep(response: Response): string[] {
    const all = response.headers.getSetCookie()
    for (const set of all) {
      const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(set) ?? []
      if (value === '') this.delete(name)
      else this.set(name, value)
    }
    return all
  }
}
