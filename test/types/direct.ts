// What a program in TypeScript does with the Direct option and a wallet: compiled, not run.
import type { Request } from 'express'
import { EmbeddedLedger } from 'civic-attestations'
import { Wallet, WalletError } from 'civic-wallet'
import type { Approved, WalletRequest } from 'civic-wallet'
import type { UserData } from 'passport-civic-sip'
import { CivicDirectStrategy, DirectRequests, MemoryDirectStore } from 'passport-civic-sip/direct'
import type { DirectOptions, DirectStore } from 'passport-civic-sip/direct'
import express from 'express'

const store: DirectStore = new MemoryDirectStore()
const options: DirectOptions = {
  origin: 'https://shop.example',
  mount: '/civic',
  name: 'Shop',
  prvKey: () => ['key'],
  scopeRequests: ['BASIC_SIGNUP', 'civicBasic'],
  ledger: new EmbeddedLedger(),
  authorities: [],
  walletUrl: 'https://wallet.example',
  description: ({ headers }) => String(headers['accept-language']),
  store,
}

export function site(): express.Express {
  const direct = new DirectRequests(options)
  const app = express()
  app.use(direct.routes)
  new CivicDirectStrategy(direct, (userId: string, data: UserData) => ({ userId, data }))
  new CivicDirectStrategy(direct, { name: 'shop', originCheck: 'strict' }, (userId, _data, done) =>
    done(null, { userId }),
  )
  new CivicDirectStrategy<{ id: string }, Request>(direct, { passReqToCallback: true }, (req, userId) => ({
    id: `${req.hostname} ${userId}`,
  }))
  // @ts-expect-error -- no such option
  new CivicDirectStrategy(direct, { tokenField: 'x' }, () => false)
  return app
}

export async function approve(link: string): Promise<Approved | undefined> {
  const wallet = new Wallet({
    seed: new Uint8Array(16),
    trustedSips: [{ origin: 'https://sip.example', sipId: '' }],
  })
  try {
    const request: WalletRequest = await wallet.read(link)
    return await wallet.approve(request, { optional: request.optionalLabels })
  } catch (error) {
    if (error instanceof WalletError && error.status === 409) return undefined
    throw error
  }
}
