/** Processor time of one login, and logins a second. */
import { Wallet } from 'civic-wallet'
import { CivicClient } from 'passport-civic-sip'
import { MailServer } from '../../test/support/mail-server.ts'
import { AskingPage } from '../../test/support/through-proxy.ts'
import { Browser } from '../../test/support/direct-site.ts'
import { start } from '../support/child.js'
import { number } from '../support/format.js'
import { median } from '../support/measure.js'
import { hex, newDatabase, postgresCpu, SITE, startServers } from './stage.js'
import { stagedLogins } from './staged.js'

const EMAIL = 'contact.personal.email'

/** Part 1: what a login costs a site with the Direct option, and the server. */
export async function costs(postgres, { isShort }) {
  const rows = [await direct(isShort), ...(await hosted(postgres, isShort))]
  return { head: ['processor time of one login', 'of the process', 'of PostgreSQL'], rows }
}

async function direct(isShort) {
  const site = await start('../server/direct-site.js', undefined, { execArgv: ['--import=tsx/esm'] })
  try {
    const wallet = new Wallet({ seed: hex(32), allowPrivate: true })
    let count = 0
    const login = async () => {
      const browser = new Browser(site.ready, addressOf(count++))
      const { uuid, link } = await browser.begin()
      const { confirm } = await wallet.approve(await wallet.read(link))
      await browser.poll(uuid)
      const { status } = await browser.logIn({ uuid, confirm })
      if (status !== 200) throw new Error(`a Direct login ended with ${status}`)
    }
    const figures = await rounds(isShort, login, async () => [(await site.call('cpu')) / 1000, 0])
    return ['Direct, private: start, request, response, one poll, login', ms(figures[0]), '']
  } finally {
    await site.stop()
  }
}

async function hosted(postgres, isShort) {
  const mails = await MailServer.start()
  const variables = { SMTP_URL: mails.url, MAIL_FROM: 'Civic <login@example.org>' }
  const servers = await startServers(await newDatabase(postgres.url, 'costs'), 1, variables)
  try {
    const { url, apps, sipPublicKey } = servers
    const wallet = new Wallet({ seed: hex(32), trustedSips: [url], allowPrivate: true })
    const details = { [EMAIL]: 'ada@example.org' }
    await wallet.attest(`${url}/attester`, details)
    const code = await mails.codeTo('ada@example.org')
    let { state } = await wallet.attest(`${url}/attester`, details, { [EMAIL]: code })
    // A block comes every second
    for (let at = 0; state === 'anchoring' && at < 50; at++)
      ({ state } = await wallet.attest(`${url}/attester`, details))
    if (state !== 'attested') throw new Error(`the email address is ${state}`)
    const clients = apps.map((app) => new CivicClient({ ...app, api: `${url}/sip/`, sipPublicKey }))
    let count = 0
    const loginWith = (asked) => async () => {
      const at = count++ % apps.length
      const page = new AskingPage(fetchFrom(addressOf(count)), url, SITE)
      const { confirm } = await wallet.approve(await wallet.read(await page.ask(apps[at].appId, asked)))
      await page.confirm(confirm)
      await clients[at].exchangeCode((await page.poll()).authResponse)
    }
    const used = async () => [await servers.cpu(), postgresCpu(postgres.url)]
    const plain = await rounds(isShort, loginWith('ANONYMOUS_LOGIN'), used)
    const email = await rounds(isShort, loginWith([EMAIL]), used)
    return [
      ['Hosted, private: QR code, request, response, digits, one poll, exchange', ...plain.map(ms)],
      ['Hosted, with a verified email: the same, and the server verifies the attestation', ...email.map(ms)],
    ]
  } finally {
    await servers.stop()
    await mails.stop()
  }
}

/** Each address may start 60 logins a minute. */
function addressOf(at) {
  return { 'X-Forwarded-For': `10.1.${(at >> 4) & 255}.1` }
}

function fetchFrom(address) {
  return (url, init) => globalThis.fetch(url, { ...init, headers: { ...init.headers, ...address } })
}

/** @returns the median of the rounds of each of the figures that `used` gives, for one login */
async function rounds(isShort, login, used) {
  const [warmUp, count, times] = isShort ? [2, 5, 1] : [150, 50, 5]
  for (let i = 0; i < warmUp; i++) await login()
  const results = []
  for (let round = 0; round < times; round++) {
    const before = await used()
    for (let i = 0; i < count; i++) await login()
    const after = await used()
    results.push(after.map((value, at) => (value - before[at]) / count))
  }
  return results[0].map((_, at) => median(results.map((figures) => figures[at])))
}

/** Part 2: logins a second, of one process and of two. */
export async function throughput(postgres, { isShort }) {
  const rows = []
  for (const count of [1, 2]) {
    const servers = await startServers(await newDatabase(postgres.url, `processes${count}`), count)
    try {
      const size = isShort ? { count: 8, concurrency: 8 } : { count: 128, concurrency: 64 }
      await stagedLogins(servers, size)
      const results = []
      for (let round = 0; round < (isShort ? 1 : 3); round++) {
        const before = postgresCpu(postgres.url)
        const { ms: took, cpu } = await stagedLogins(servers, size)
        const database = postgresCpu(postgres.url) - before
        results.push({
          perSecond: (1000 * size.count) / took,
          cpu: cpu / size.count,
          database: database / size.count,
        })
      }
      const of = (name) => median(results.map((figures) => figures[name]))
      rows.push([String(count), number(of('perSecond')), ms(of('cpu')), ms(of('database'))])
    } finally {
      await servers.stop()
    }
  }
  return {
    head: ['processes on one PostgreSQL, 64 at once', 'logins/s', 'of the processes', 'of PostgreSQL'],
    rows,
  }
}

export const ms = (value) => `${number(value)} ms`
