/** The origin of an absolute http or https URL, in the form of `event.origin`. */
export function originOf(url: string): string {
  const match = /^(https?):\/\/(?:[^/?#@]*@)?([^/?#]+)/i.exec(url)
  if (match?.[1] === undefined || match[2] === undefined) return ''
  const scheme = match[1].toLowerCase()
  const defaultPort = scheme === 'https' ? /:443$/ : /:80$/
  return `${scheme}://${match[2].toLowerCase().replace(defaultPort, '')}`
}
