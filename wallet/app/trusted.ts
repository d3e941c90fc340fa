/** The addresses of scripts. The content security policy lets only this file make them. */
interface Policy {
  createScriptURL: (url: string) => string
}

interface Factory {
  createPolicy: (name: string, rules: Policy) => Policy
}

const rules: Policy = {
  createScriptURL: (url) => {
    if (SCRIPTS.includes(url)) return url
    throw new TypeError('This is not a script of the wallet.')
  },
}
const SCRIPTS: readonly string[] = ['worker.js', 'service-worker.js']
const { trustedTypes } = globalThis as { trustedTypes?: Factory }
const policy = trustedTypes?.createPolicy('civic-wallet', rules) ?? rules

/** The address of one of the wallet's scripts, as Trusted Types want it. */
export function scriptUrl(name: string): string {
  return policy.createScriptURL(name)
}
