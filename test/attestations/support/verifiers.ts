import { inJavaScript, inNativeCode, inNode, inWebAssembly } from '../../../attestations/lib/verifier.ts'
import type { Verifier } from '../../../attestations/lib/verifier.ts'

const inNative = inNativeCode()

/** Each implementation that this machine has. They give the same results. */
export const VERIFIERS: Readonly<Record<string, Verifier>> = {
  JavaScript: inJavaScript,
  'Node’s OpenSSL': inNode()!,
  WebAssembly: inWebAssembly()!,
  ...(inNative && { 'native code': inNative }),
}
