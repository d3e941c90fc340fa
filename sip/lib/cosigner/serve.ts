import { randomUUID } from 'node:crypto'
import type { Mailer, Texter } from '../attester/mailer.ts'
import type { Send } from '../outbox/outbox.ts'
import { smsSender } from '../outbox/sms-webhook.ts'
import { smtpSender } from '../outbox/smtp.ts'
import { COSIGNER_MIGRATIONS, openDatabase, PostgresCosigner, Sealer } from '../store/postgres/index.ts'
import { startCosigner } from './cosign.ts'
import type { RunningCosigner } from './cosign.ts'
import type { CosignerConfig } from './config.ts'

/** A person waits for the code, so sending it later is useless. */
const SEND_MS = 20_000

/**
 * Runs a cosigner as its environment describes it.
 *
 * @param log called with a line for the operator
 * @throws FileInUse, SealError, TypeError for a wrong `RECOVERY_XPUB`
 */
export async function serveCosigner(
  config: CosignerConfig,
  log: (line: string) => void,
): Promise<RunningCosigner> {
  const database = await openDatabase(config.database, { migrations: COSIGNER_MIGRATIONS, log })
  const smtp = config.smtp && smtpSender(config.smtp)
  const sms = config.smsWebhookUrl === undefined ? undefined : smsSender({ url: config.smsWebhookUrl })
  const end = async (): Promise<void> => {
    smtp?.close()
    await database.close()
  }
  try {
    const running = await startCosigner({
      ...config,
      store: new PostgresCosigner(database.pool),
      seal: new Sealer(config.secrets),
      mailer: smtp && sending(smtp.send),
      texter: sms && sending(sms),
      log,
    })
    return {
      ...running,
      close: async () => {
        await running.close()
        await end()
      },
    }
  } catch (error) {
    await end()
    throw error
  }
}

/**
 * Has the cosigner accept another authority, the next one that calls: the server's keys were replaced.
 *
 * @returns false if no authority has called yet
 * @throws FileInUse if the cosigner runs on an embedded database
 */
export async function replaceAuthority({ database }: CosignerConfig): Promise<boolean> {
  const opened = await openDatabase(database, { migrations: COSIGNER_MIGRATIONS })
  try {
    return await new PostgresCosigner(opened.pool).replaceAuthority()
  } finally {
    await opened.close()
  }
}

/** Sends at once, because a cosigner stores no messages. */
function sending(send: Send): Mailer & Texter {
  return { send: (message) => send({ id: randomUUID(), ...message }, AbortSignal.timeout(SEND_MS)) }
}
