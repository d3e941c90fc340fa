import { RawTx, Script } from '@scure/btc-signer'
import type { ScriptType } from '@scure/btc-signer'

type Raw = ReturnType<typeof RawTx.decode>

/** A raw transaction with something about it changed. */
export function edit(raw: string, change: (tx: Raw) => void): string {
  const tx = RawTx.decode(Buffer.from(raw, 'hex'))
  change(tx)
  return Buffer.from(RawTx.encode(tx)).toString('hex')
}

/** A raw transaction with the operations of its first input's script changed. */
export function editScript(raw: string, change: (ops: ScriptType) => ScriptType): string {
  return edit(raw, (tx) => {
    const input = tx.inputs[0] as { finalScriptSig: Uint8Array }
    input.finalScriptSig = Script.encode(change(Script.decode(input.finalScriptSig)))
  })
}
