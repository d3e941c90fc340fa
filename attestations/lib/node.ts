/** The parts of Node's modules that this package uses. It also runs without Node. */
interface NodeModules {
  'node:crypto': {
    hash?: (name: 'sha256', bytes: Uint8Array, encoding: 'buffer') => Uint8Array
    createPublicKey(key: { key: Uint8Array; format: 'der'; type: 'spki' }): object
    verify(
      hash: 'sha256',
      message: Uint8Array,
      key: { key: object; dsaEncoding: 'ieee-p1363' },
      signature: Uint8Array,
    ): boolean
    ECDH: { convertKey(point: Uint8Array, curve: string): unknown }
  }
  'node:buffer': {
    Buffer: { from(text: string, encoding: 'hex'): Uint8Array & { toString(encoding: 'hex'): string } }
  }
  'node:module': { createRequire(from: string): (name: string) => unknown }
}

/** A built-in module of Node; undefined elsewhere. Not imported, so that bundles for browsers need no polyfill. */
export function nodeModule<Name extends keyof NodeModules>(name: Name): NodeModules[Name] | undefined {
  const { process } = globalThis as {
    process?: { getBuiltinModule?: (name: string) => NodeModules[Name] | undefined }
  }
  return process?.getBuiltinModule?.(name)
}
