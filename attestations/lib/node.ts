/** What is used of Node's modules; this package also runs where there are none. */
interface NodeModules {
  'node:crypto': {
    createHash(name: 'sha256'): { update(bytes: Uint8Array): { digest(): Uint8Array } }
    createPublicKey(key: { key: Uint8Array; format: 'der'; type: 'spki' }): object
    verify(
      hash: 'sha256',
      message: Uint8Array,
      key: { key: object; dsaEncoding: 'ieee-p1363' },
      signature: Uint8Array,
    ): boolean
    ECDH: { convertKey(point: Uint8Array, curve: string): unknown }
  }
  'node:module': { createRequire(from: string): (name: string) => unknown }
}

/** One of Node's own modules; undefined elsewhere. Not imported, so that bundles for browsers need no stand-in. */
export function nodeModule<Name extends keyof NodeModules>(name: Name): NodeModules[Name] | undefined {
  const { process } = globalThis as {
    process?: { getBuiltinModule?: (name: string) => NodeModules[Name] | undefined }
  }
  return process?.getBuiltinModule?.(name)
}
