import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { readConfig } from '../../sip/lib/config.ts'
import { ConfigError } from '../../sip/lib/environment.ts'

describe('civic-sip-server: its environment', () => {
  const secret = randomBytes(32).toString('hex')
  const SMS = `https://:${'k'.repeat(24)}@sms.example.org/hook`
  const other = randomBytes(32).toString('hex')
  const required = {
    PUBLIC_URL: 'https://sip.example.org',
    WALLET_URL: 'https://wallet.example.org',
    SIP_SECRET: secret,
  }
  const all = {
    ...required,
    DATABASE_URL: 'postgres://sip:a-long-password@db.example.org/sip',
    SMTP_URL: 'smtps://user:pass@mail.example.org',
    MAIL_FROM: 'Civic <login@example.org>',
    ESPLORA_URL: 'https://esplora.example.org/api',
    COSIGNER_URL: `https://:${'k'.repeat(24)}@cosigner.example.org`,
  }

  function problemsOf(variables: NodeJS.ProcessEnv, readFile?: (path: string) => string): readonly string[] {
    try {
      readConfig(variables, readFile)
    } catch (error) {
      assert.ok(error instanceof ConfigError)
      for (const problem of error.problems) assert.ok(error.message.includes(problem))
      return error.problems
    }
    return assert.fail('nothing is wrong')
  }

  it('needs three variables', () => {
    const { config } = readConfig(required)
    assert.deepEqual(config, {
      publicUrl: 'https://sip.example.org',
      walletUrl: 'https://wallet.example.org',
      secrets: [secret],
      host: '127.0.0.1',
      port: 4000,
      walletPort: undefined,
      managementPort: 4002,
      database: 'data',
      dataFolder: 'data',
      smtp: undefined,
      smsWebhookUrl: undefined,
      esploraUrl: undefined,
      network: 'tbch',
      confirmations: 1,
      confirm: true,
      cosignerUrl: undefined,
      trustProxy: ['loopback'],
      limits: { address: 120, app: 3_000, attest: 60, key: 30, documents: 20 },
      logLevel: 'info',
    })
    assert.deepEqual(problemsOf({}), [
      'PUBLIC_URL is not set',
      'WALLET_URL is not set',
      'SIP_SECRET is not set',
    ])
  })

  it('reads every other variable', () => {
    const { config, warnings } = readConfig({
      ...all,
      SIP_SECRET: `${secret}, ${other}`,
      HOST: '0.0.0.0',
      PORT: '8000',
      WALLET_PORT: '8001',
      MANAGEMENT_PORT: '8002',
      SMS_WEBHOOK_URL: SMS,
      CONFIRMATIONS: '6',
      CONFIRM: 'false',
      TRUST_PROXY: '2',
      LIMIT_ADDRESS: '1',
      LIMIT_APP: '2',
      LIMIT_ATTEST: '3',
      LIMIT_KEY: '4',
      LIMIT_DOCUMENTS: '1000000',
      LOG_LEVEL: 'warn',
    })
    assert.deepEqual(config, {
      publicUrl: all.PUBLIC_URL,
      walletUrl: all.WALLET_URL,
      secrets: [secret, other],
      host: '0.0.0.0',
      port: 8000,
      walletPort: 8001,
      managementPort: 8002,
      database: all.DATABASE_URL,
      dataFolder: undefined,
      smtp: { url: all.SMTP_URL, from: all.MAIL_FROM },
      smsWebhookUrl: SMS,
      esploraUrl: all.ESPLORA_URL,
      network: 'bitcoin',
      confirmations: 6,
      confirm: false,
      cosignerUrl: all.COSIGNER_URL,
      trustProxy: 2,
      limits: { address: 1, app: 2, attest: 3, key: 4, documents: 1_000_000 },
      logLevel: 'warn',
    })
    assert.deepEqual(warnings, [
      'CONFIRM is false: a person who approves a link from somebody else logs that sender in.',
    ])
  })

  it('names every fault at once, and shows no value', () => {
    const problems = problemsOf({
      PUBLIC_URL: 'http://sip.example.org',
      WALLET_URL: 'https://wallet.example.org/path',
      SIP_SECRET: 'hunter2',
      HOST: 'somewhere',
      PORT: '0',
      DATABASE_URL: 'mysql://hunter2@db.example.org',
      DATA_FOLDER: '/srv/data',
      SMTP_URL: 'mail.example.org',
      SMS_WEBHOOK_URL: 'https://:hunter2@sms.example.org',
      ESPLORA_URL: 'https://hunter2:hunter2@esplora.example.org',
      NETWORK: 'Bitcoin Cash!',
      CONFIRMATIONS: '0',
      CONFIRM: 'no',
      COSIGNER_URL: 'ftp://cosigner.example.org',
      TRUST_PROXY: 'everybody',
      LIMIT_ADDRESS: '0',
      LIMIT_APP: '2.5',
      LIMIT_ATTEST: '-1',
      LIMIT_KEY: 'hunter2',
      LIMIT_DOCUMENTS: '1000001',
      LOG_LEVEL: 'loud',
    })
    assert.deepEqual(problems.map((problem) => problem.split(' ')[0]).sort(), [
      'CONFIRM',
      'CONFIRMATIONS',
      'COSIGNER_URL',
      'DATABASE_URL',
      'DATA_FOLDER',
      'ESPLORA_URL',
      'HOST',
      'LIMIT_ADDRESS',
      'LIMIT_APP',
      'LIMIT_ATTEST',
      'LIMIT_DOCUMENTS',
      'LIMIT_KEY',
      'LOG_LEVEL',
      'MAIL_FROM',
      'NETWORK',
      'PORT',
      'PUBLIC_URL',
      'SIP_SECRET',
      'SMS_WEBHOOK_URL',
      'SMTP_URL',
      'TRUST_PROXY',
      'WALLET_URL',
    ])
    assert.doesNotMatch(problems.join(), /hunter2/)
  })

  it('reads each value from a file as well', () => {
    const files: Record<string, string> = { '/run/secrets/sip': `${secret}\n`, '/run/secrets/empty': ' \n' }
    const readFile = (path: string): string => files[path] ?? assert.fail('no such file')
    const { PUBLIC_URL, WALLET_URL } = required
    const others = { PUBLIC_URL, WALLET_URL }
    const fromFile = readConfig({ ...others, SIP_SECRET_FILE: '/run/secrets/sip' }, readFile)
    assert.deepEqual(fromFile.config.secrets, [secret])
    assert.deepEqual(problemsOf({ ...required, SIP_SECRET_FILE: '/run/secrets/sip' }, readFile), [
      'SIP_SECRET and SIP_SECRET_FILE are both set: set one of them',
    ])
    assert.deepEqual(problemsOf({ ...others, SIP_SECRET_FILE: '/run/secrets/none' }, readFile), [
      'SIP_SECRET_FILE names a file that cannot be read',
    ])
    assert.deepEqual(problemsOf({ ...others, SIP_SECRET_FILE: '/run/secrets/empty' }, readFile), [
      'SIP_SECRET_FILE names an empty file',
    ])
  })

  it('treats an empty variable as not set', () => {
    assert.deepEqual(readConfig({ ...required, PORT: '', ESPLORA_URL: ' ' }), readConfig(required))
    assert.deepEqual(problemsOf({ ...required, SIP_SECRET: '' }), ['SIP_SECRET is not set'])
  })

  it('refuses secrets that are short, repetitive or examples', () => {
    for (const wrong of [
      secret.slice(2),
      `${secret}00`,
      '0'.repeat(64),
      'ab'.repeat(32),
      '0123456789abcdef'.repeat(4),
      '000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f',
      `${secret},`,
      `${secret},${secret}`,
      `${secret},${other},${secret}`,
    ]) {
      assert.deepEqual(problemsOf({ ...required, SIP_SECRET: wrong }), [
        'SIP_SECRET must be 64 random hex digits, or two of them: current,previous. Make one: openssl rand -hex 32',
      ])
    }
  })

  it('refuses a database on another machine with the default password', () => {
    for (const refused of [
      'sip@db.example.org',
      'postgres:postgres@db.example.org',
      'sip:sip@db.example.org',
    ]) {
      const [problem] = problemsOf({ ...required, DATABASE_URL: `postgres://${refused}/sip` })
      assert.match(problem ?? '', /^DATABASE_URL must be /)
    }
    for (const taken of [
      'sip@127.0.0.1/sip',
      'localhost/sip?host=/run/postgresql',
      'sip:a-long-one@db.example.org/sip',
    ])
      assert.equal(
        readConfig({ ...required, DATABASE_URL: `postgres://${taken}` }).config.database,
        `postgres://${taken}`,
      )
  })

  it('accepts plain http for this machine only', () => {
    const local = { ...required, PUBLIC_URL: 'http://localhost:4000', WALLET_URL: 'http://127.0.0.1:4001' }
    const { config } = readConfig(local)
    assert.equal(config.trustProxy, false)
    for (const url of ['http://10.0.0.1', 'http://localhost.example.org', 'http://127.0.0.1.example.org'])
      assert.match(problemsOf({ ...local, PUBLIC_URL: url })[0] ?? '', /^PUBLIC_URL must be an https origin/)
  })

  it('listens on the ports of loopback URLs', () => {
    const local = { ...required, PUBLIC_URL: 'http://localhost:5000', WALLET_URL: 'http://localhost:5001' }
    const { config } = readConfig(local)
    assert.deepEqual([config.port, config.walletPort], [5000, 5001])
    // A proxy has the port of an https URL
    const proxied = {
      ...local,
      PUBLIC_URL: 'https://sip.localhost:8443',
      WALLET_URL: 'https://wallet.localhost:8443',
    }
    assert.deepEqual(
      [readConfig(proxied).config.port, readConfig(proxied).config.walletPort],
      [4000, undefined],
    )
    assert.deepEqual(problemsOf({ ...local, MANAGEMENT_PORT: '5001' }), [
      'MANAGEMENT_PORT must be another port than PORT and WALLET_PORT',
    ])
    assert.deepEqual(problemsOf({ ...local, WALLET_PORT: '5000' }), [
      'WALLET_PORT must be another port than PORT',
    ])
  })

  it('keeps the wallet on a separate origin', () => {
    assert.deepEqual(problemsOf({ ...required, WALLET_URL: required.PUBLIC_URL }), [
      'WALLET_URL must be another origin than PUBLIC_URL: people keep their keys there',
    ])
  })

  it('lets no private ledger call itself bitcoin', () => {
    assert.deepEqual(problemsOf({ ...required, NETWORK: 'bitcoin' }), [
      'NETWORK must not be bitcoin without ESPLORA_URL: the ledger is private',
    ])
    assert.equal(readConfig({ ...all, NETWORK: 'testnet' }).config.network, 'testnet')
  })

  it('trusts proxies by number or address', () => {
    const read = (text: string): unknown => readConfig({ ...required, TRUST_PROXY: text }).config.trustProxy
    assert.equal(read('0'), false)
    assert.equal(read('1'), 1)
    assert.deepEqual(read('loopback, 10.0.0.0/8,fd00::/8'), ['loopback', '10.0.0.0/8', 'fd00::/8'])
    for (const wrong of ['true', '11', '10.0.0.0/33', '10.0.0', '10.0.0.0/8/8', ','])
      assert.match(problemsOf({ ...required, TRUST_PROXY: wrong })[0] ?? '', /^TRUST_PROXY must be /)
  })

  it('warns of missing variables, and of names that are nearly right', () => {
    const { warnings } = readConfig({
      ...required,
      SMTP_URI: 'smtp://mail',
      LOGLEVEL: 'x',
      HOME: '/root',
      PATH: '/bin',
    })
    assert.deepEqual(
      warnings.map(
        (warning) => /^\S+ is not (?:set|a variable of this server\. Did you mean \S+\?)/.exec(warning)?.[0],
      ),
      [
        'SMTP_URI is not a variable of this server. Did you mean SMTP_URL?',
        'LOGLEVEL is not a variable of this server. Did you mean LOG_LEVEL?',
        'SMTP_URL is not set',
        'ESPLORA_URL is not set',
      ],
    )
    const alone = { ...all, COSIGNER_URL: '' }
    assert.match(readConfig(alone).warnings.join(), /^COSIGNER_URL is not set: this process holds both keys/)
  })
})
