/** The cookies of one browser at one site. */
export class Cookies extends Map<string, string> {
  /** The `Cookie` header; empty without cookies. */
  get header(): Record<string, string> {
    const text = [...this].map(([name, value]) => `${name}=${value}`).join('; ')
    return text === '' ? {} : { Cookie: text }
  }

  /** Stores a response's cookies. @returns its `Set-Cookie` headers */
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
