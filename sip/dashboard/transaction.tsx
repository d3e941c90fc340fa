import type { JSX } from 'preact'
import { useEffect, useState } from 'preact/hooks'
import { Badge, dateTime, Failure, Missing, Refusal, useAction, useScreen } from 'civic-ui'
import { api, OF } from './api.ts'
import type { Transaction } from './api.ts'

/** A transaction on the blockchain. */
export function TransactionPage({ txid }: { txid: string }): JSX.Element | null {
  const [found, setFound] = useState<Transaction | null>()
  const load = useAction(async () => {
    try {
      setFound(await api.transaction(txid))
    } catch (error) {
      if (!(error instanceof Refusal) || error.status < 400 || error.status >= 500) throw error
      setFound(null)
    }
  })
  useEffect(() => load.run(), [txid])
  if (found) return <Shown transaction={found} />
  if (found === undefined) return load.failure === '' ? null : <Failure text={load.failure} />
  return (
    <Missing what="There is no such transaction" of={OF}>
      <p class="soft">The blockchain that this server uses does not know it.</p>
      <p>
        <a href="#attestations">All attestations</a>
      </p>
    </Missing>
  )
}

function Shown({ transaction }: { transaction: Transaction }): JSX.Element {
  useScreen('Transaction', OF)
  const { txid, size, fee, vin, vout, status } = transaction
  const { confirmed, block_height, block_time } = status
  return (
    <>
      <p>
        <a href="#attestations">All attestations</a>
      </p>
      <div class="title">
        <h1 tabIndex={-1}>Transaction</h1>
        <Badge tone={confirmed ? 'good' : 'wait'}>{confirmed ? 'in a block' : 'waiting for a block'}</Badge>
      </div>
      <section class="card pad stack" aria-label="Transaction">
        <dl class="facts aside">
          <div>
            <dt>Id</dt>
            <dd>
              <code>{txid}</code>
            </dd>
          </div>
          {block_height !== undefined && (
            <div>
              <dt>Block</dt>
              <dd>
                {block_height}
                {block_time !== undefined && `, ${dateTime(block_time * 1000)}`}
              </dd>
            </div>
          )}
          <div>
            <dt>Size and fee</dt>
            <dd>
              {size} bytes, {fee} satoshi
            </dd>
          </div>
        </dl>
      </section>
      <div class="columns">
        <section class="card pad stack tight" aria-labelledby="inputs">
          <h2 id="inputs">Spends</h2>
          <ul class="lines">
            {vin.map((input) => (
              <li key={`${input.txid}:${input.vout}`}>
                {input.is_coinbase ? (
                  'the reward of its block'
                ) : (
                  <a class="mono" href={`#transaction/${input.txid}`}>
                    {input.txid}:{input.vout}
                  </a>
                )}
              </li>
            ))}
          </ul>
        </section>
        <section class="card pad stack tight" aria-labelledby="outputs">
          <h2 id="outputs">Outputs</h2>
          <ol class="lines" start={0}>
            {vout.map(({ scriptpubkey, value }, index) => (
              <li key={index}>
                {index}: {value} satoshi
                <br />
                <code class="soft">{scriptpubkey}</code>
              </li>
            ))}
          </ol>
        </section>
      </div>
      <p class="small">
        <a href={`/ledger/tx/${txid}`}>As JSON</a>
      </p>
    </>
  )
}
