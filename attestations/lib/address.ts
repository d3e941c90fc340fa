import { bytesToHex, hexToBytes } from '@noble/hashes/utils.js'
import { Address, NETWORK, OutScript, TEST_NETWORK } from '@scure/btc-signer'

/** Without P2A, which everybody can spend, and kinds that do not exist yet. */
const KINDS = ['pkh', 'sh', 'wpkh', 'wsh', 'tr']

/** Encodes and decodes addresses. @param network a ledger's: `bitcoin`, else a test network */
function addresses(network: string): ReturnType<typeof Address> {
  return Address(network === 'bitcoin' ? NETWORK : TEST_NETWORK)
}

/**
 * The address that an output script pays to.
 * @param script as hex
 * @param network a ledger's: `bitcoin`, else a test network
 */
export function addressOf(script: string, network: string): string {
  return addresses(network).encode(OutScript.decode(hexToBytes(script)))
}

/**
 * The output script that pays to an address, as hex.
 * @param address P2PKH, P2SH, P2WPKH, P2WSH or P2TR
 * @param network a ledger's: `bitcoin`, else a test network
 * @throws TypeError if it is not an address of this network
 */
export function addressScript(address: string, network: string): string {
  try {
    const decoded = addresses(network).decode(address)
    if (KINDS.includes(decoded.type)) return bytesToHex(OutScript.encode(decoded))
  } catch {
    // Refused below
  }
  throw new TypeError(`it is not an address of the network ${network}`)
}
