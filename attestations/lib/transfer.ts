import { hexToBytes } from '@noble/hashes/utils.js'
import { draft, inputBytes, inputOf } from './build.ts'
import type { Coin, Draft, FundingOutput } from './build.ts'
import type { Issuer } from './forms.ts'
import { ANCHOR_SATOSHI, ISSUER_RULE, fundsRedeem, issuerKeys } from './script.ts'

/**
 * Makes the transaction that pays an issuer's money to another script, without signing it. Two of the three parties
 * sign it with `signDraft`; `finishDraft` completes it. It leaves outputs that are worth less than the fee for them.
 *
 * @param options.funds outputs of `fundingScript`, as `findFunds` returns them
 * @param options.script what `addressScript` returned
 * @param options.feeRate satoshi for each byte, 1 by default
 * @throws TypeError if the issuer is not three different xpubs and a path
 * @throws RangeError if too little is left after the fee for nodes to relay it
 */
export function draftTransfer(options: {
  issuer: Issuer
  funds: readonly FundingOutput[]
  script: string
  feeRate?: number
}): Draft {
  const { issuer, funds, script, feeRate = 1 } = options
  const keys = issuerKeys(issuer)
  if (keys === undefined) throw new TypeError(ISSUER_RULE)
  const redeem = fundsRedeem(keys)
  const fee = inputBytes(redeem) * feeRate
  const spend = funds
    .map(({ tx, vout }): Coin => ({ tx, vout, redeem }))
    .filter((coin) => Number(inputOf(coin).amount) > fee)
  const made = draft({ spend, coins: [], outputs: [], change: hexToBytes(script), feeRate })
  return { ...made, outputs: made.outputs.map(withoutAnchor) }
}

/** With the authority's signature, the value of an anchor would attest what the script of another person's address says. */
function withoutAnchor(output: Draft['outputs'][number]): Draft['outputs'][number] {
  return output.value === Number(ANCHOR_SATOSHI) ? { ...output, value: output.value - 1 } : output
}
