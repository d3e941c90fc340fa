import type { Wallet } from 'civic-wallet'
import { AskingPage } from '../../support/through-proxy.ts'

export interface LoginWish {
  /** Where the SIP is. */
  readonly url: string
  readonly appId: string
  readonly wallet: Wallet
  /** Where the site's page is. */
  readonly site: string
  /** Wire value. */
  readonly level: string
}

/** What a login brought. */
export interface Login {
  /** The authorization code token. */
  readonly token: string
  /** The six digits that the person typed. */
  readonly confirm: string
}

/** A person logs in: the page asks, the wallet approves, the person types the wallet's digits into the page. */
export async function logIn({ url, appId, wallet, site, level }: LoginWish): Promise<Login> {
  const page = new AskingPage(fetch, url, site)
  const { confirm = '' } = await wallet.approve(await wallet.read(await page.ask(appId, level)))
  await page.confirm(confirm)
  const { authResponse = '' } = await page.poll()
  return { token: authResponse, confirm }
}
