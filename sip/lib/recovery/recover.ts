import {
  addressScript,
  balance,
  draftTransfer,
  findFunds,
  finishDraft,
  fundingAddress,
  fundingScript,
  inspectDraft,
  LedgerUnavailable,
  signDraft,
  TransactionRefused,
} from 'civic-attestations'
import type { Draft, Issuer as Parties, Ledger, Signed } from 'civic-attestations'
import { feeRateOf } from '../attester/issuer-ledger.ts'
import type { FullPolicy } from '../attester/policy.ts'
import { PATH } from '../attester/signers.ts'
import { keyPairOf } from '../attester/xpub.ts'
import type { ExtendedKey } from '../attester/xpub.ts'

/** Inputs of one transaction. Nodes relay one with three times as many. */
const MAX_INPUTS = 100
const LATER = 'run this again after the next block'

/** The money was not moved. The message says what to do. */
export class RecoveryError extends Error {
  override readonly name = 'RecoveryError'
}

/** Three keys that hold money, and the one of them that this machine has. */
export interface Holder {
  readonly parties: Parties
  readonly own: ExtendedKey
}

/** Asks the operator. */
export interface Dialog {
  say(line: string): void
  /**
   * @param options.hidden whether a terminal does not show what is typed
   * @returns the line that was typed; undefined at the end of the input
   */
  ask(question: string, options?: { hidden?: boolean }): Promise<string | undefined>
}

export interface RecoverOptions {
  readonly holders: readonly Holder[]
  readonly ledger: Ledger
  readonly policy: FullPolicy
  /** The address to pay to. */
  readonly to: string
  /** Whether to move the money without a question. */
  readonly isSure: boolean
  readonly dialog: Dialog
  /** Keeps other processes from spending the same money meanwhile. */
  readonly alone: <T>(work: () => Promise<T>) => Promise<T>
  /** Records a transaction before it is sent. */
  readonly record: (txid: string) => Promise<void>
}

/** The money of three keys, and the transaction that moves it. */
interface Money {
  readonly holder: Holder
  /** Satoshi, unconfirmed outputs included. */
  readonly balance: number
  /** Undefined if no money can be moved now. */
  readonly draft: Draft | undefined
}

interface Move extends Money {
  readonly draft: Draft
}

/**
 * Pays the money at the funding scripts to another address, signed with the key of this machine and another of the
 * three, which it asks for. Anchors stay as they are.
 *
 * @returns the ids of the transactions
 * @throws RecoveryError, LedgerUnavailable
 */
export async function recover(options: RecoverOptions): Promise<readonly string[]> {
  const { ledger, policy, dialog, isSure, alone } = options
  const script = scriptOf(options)
  const feeRate = await feeRateOf(ledger, policy)
  const money: Money[] = []
  for (const holder of options.holders) money.push(await moneyOf(ledger, holder, script, feeRate))
  const found = money.filter(isMove)
  if (found.length === 0) throw nothingToMove(money, ledger.network)
  const key = await askForKey(dialog)
  const moves = found.filter(({ holder }) => isOther(holder, key.xpub))
  if (moves.length === 0) throw wrongKey(found, key.xpub)
  const others = money.filter((one) => one.balance > 0 && !moves.some((move) => move === one))
  const shown = [...moves.map((move) => rowsOf(move, options)), ...others.map((one) => restOf(one, ledger))]
  for (const line of shown.flatMap(linesOf)) dialog.say(line)
  if (!isSure && (await dialog.ask('Type yes to move the money: '))?.trim() !== 'yes')
    throw new RecoveryError('Nothing was moved.')
  return alone(async () => {
    const txids: string[] = []
    for (const move of moves) txids.push(await send(move, key.xprv, options))
    return txids
  })
}

/** The script to pay to. */
function scriptOf({ holders, ledger, to }: RecoverOptions): string {
  let script: string
  try {
    script = addressScript(to, ledger.network)
  } catch {
    throw new RecoveryError(
      `--to: it is not an address of the network ${ledger.network}. Check it, and the variable NETWORK.`,
    )
  }
  if (holders.some(({ parties }) => fundingScript(parties) === script))
    throw new RecoveryError('--to: the money is at this address already. Name an address of another wallet.')
  return script
}

async function moneyOf(ledger: Ledger, holder: Holder, script: string, feeRate: number): Promise<Money> {
  const issuer = holder.parties
  // A transaction that waits for a block can be replaced, and its change with it
  const funds = await findFunds(ledger, issuer, { confirmed: true, most: MAX_INPUTS })
  return {
    holder,
    balance: await balance(ledger, issuer),
    draft: draftOf(() => draftTransfer({ issuer, funds, script, feeRate })),
  }
}

function draftOf(make: () => Draft): Draft | undefined {
  try {
    return make()
  } catch (error) {
    if (error instanceof RangeError) return undefined
    throw error
  }
}

function isMove(money: Money): money is Move {
  return money.draft !== undefined
}

function nothingToMove(all: readonly Money[], network: string): RecoveryError {
  const sum = all.reduce((total, money) => total + money.balance, 0)
  const addresses = all.map(({ holder }) => fundingAddress(holder.parties, network)).join(', ')
  return new RecoveryError(
    sum === 0
      ? `Nothing to recover: no money is at ${addresses}.`
      : `Nothing to recover now: ${sum} satoshi are at ${addresses}, but they wait for a block, or are not worth the fee.`,
  )
}

async function askForKey(dialog: Dialog): Promise<ExtendedKey> {
  const typed = await dialog.ask('Recovery key (xprv…): ', { hidden: true })
  if (typed === undefined) throw new RecoveryError('Type the recovery key, or give it on the standard input.')
  try {
    // People write it down in groups
    return keyPairOf(typed.replace(/\s/g, ''))
  } catch {
    throw new RecoveryError(
      'This is not an extended private key, 111 characters from xprv. Compare each character with the paper.',
    )
  }
}

/** Whether a key is one of the two that are not on this machine. */
function isOther({ parties, own }: Holder, xpub: string): boolean {
  return xpub !== own.xpub && [parties.authority, ...parties.cosigners].some((party) => party.xpub === xpub)
}

function wrongKey(moves: readonly Move[], xpub: string): RecoveryError {
  if (moves.some(({ holder }) => holder.own.xpub === xpub))
    return new RecoveryError('This machine has this key already. Type the recovery key.')
  const recovery = new Set(moves.map(({ holder }) => holder.parties.cosigners[1].xpub))
  return new RecoveryError(
    `This key is not one of the three that hold the money. The recovery key belongs to ${[...recovery].join(', ')}.`,
  )
}

type Rows = readonly (readonly [name: string, value: string])[]

/** What the transaction does, as read from its bytes. */
function rowsOf({ holder, draft, balance }: Move, { ledger, to }: RecoverOptions): Rows {
  const { inputs, outputs, fee, bytes } = inspectDraft(draft, holder.parties)
  const amount = outputs.reduce((sum, { value }) => sum + value, 0)
  const left = balance - amount - fee
  return [
    ['From', fundingAddress(holder.parties, ledger.network)],
    ...inputs.map(({ txid, vout }) => ['Input', `${txid}:${vout}`] as const),
    ['Amount', `${amount} satoshi`],
    ['Fee', `${fee} satoshi, ${(fee / bytes).toFixed(1)} for each byte`],
    ['To', to],
    ...(left > 0 ? [['Stays', `${left} satoshi: ${LATER}`] as const] : []),
  ]
}

/** What stays with other keys. */
function restOf({ holder, draft, balance }: Money, { network }: Ledger): Rows {
  const { parties } = holder
  const how = draft ? `run this again with the recovery key of ${parties.cosigners[1].xpub}` : LATER
  return [
    ['From', fundingAddress(parties, network)],
    ['Stays', `${balance} satoshi: ${how}`],
  ]
}

function linesOf(rows: Rows): string[] {
  return [...rows.map(([name, value]) => name.padEnd(8) + value), '']
}

async function send({ holder, draft }: Move, xprv: string, options: RecoverOptions): Promise<string> {
  const { ledger, record, dialog, to } = options
  const { parties, own } = holder
  for (const { txid, vout } of inspectDraft(draft, parties).inputs) {
    if ((await ledger.outspend(txid, vout)).spent)
      throw new RecoveryError('A server spent some of the money meanwhile. Stop it, and run this again.')
  }
  const signed = finishDraft(draft, signDraft(draft, own.xprv, PATH), signDraft(draft, xprv, PATH))
  await record(signed.txid)
  await broadcast(ledger, signed)
  dialog.say(`Sent to ${to} in transaction ${signed.txid}.`)
  return signed.txid
}

async function broadcast(ledger: Ledger, { tx, txid }: Signed): Promise<void> {
  try {
    await ledger.broadcast(tx)
  } catch (error) {
    if (error instanceof TransactionRefused)
      throw new RecoveryError(`The ledger refuses the transaction: ${error.reason}`)
    if (error instanceof LedgerUnavailable)
      throw new RecoveryError(
        `The ledger did not respond, and may have transaction ${txid}. Look for it, and run this again if it is missing.`,
      )
    throw error
  }
}
