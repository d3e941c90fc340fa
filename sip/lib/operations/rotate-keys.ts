import type { OwnerMail, OwnerMessage, Told } from '../partners/owner-mail.ts'
import { OwnerMessages } from '../partners/owner-messages.ts'
import { replaceSealedKeys, reseal } from '../store/postgres/index.ts'
import type { PublishedKey, Queryable, SigningKeys, Storage } from '../store/postgres/index.ts'
import { NOTICE_MS } from '../secrets/signing-keys.ts'
import type { Alongside } from '../secrets/signing-keys.ts'
import { said } from './admin-socket.ts'
import type { Said } from './admin-socket.ts'

export interface RotationParts {
  readonly storage: Storage
  /** Emails owners by this connection. In a transaction, an email is stored if the transaction is. */
  readonly ownerMailBy: (connection: Queryable) => OwnerMail
  /** The server's origin. */
  readonly url: string
}

/** How long before the end of the 30 days owners are reminded. */
const REMINDER_MS = 7 * 24 * 60 * 60_000
const MAX_NAMES = 20

/** Takes one step of a rotation, and emails the owners of all partners. */
export async function rotateKeys(parts: RotationParts, flags: ReadonlySet<string>): Promise<Said> {
  const { storage, ownerMailBy, url } = parts
  const { keys } = storage
  const messages = new OwnerMessages(url)
  let told: string[] = []
  /** The emails are stored with the step, so that a crash loses none. */
  const telling =
    (messageOf: (pubKey: string) => OwnerMessage): Alongside =>
    async (client, pubKey) => {
      told = linesOf(await ownerMailBy(client).tellAll(messageOf(pubKey)))
    }
  if (flags.size > 1) return { lines: ['rotate-keys: one step at a time'], isDone: false }
  if (flags.has('compromised')) {
    const lines = await replaceAll(
      storage,
      telling((pubKey) => messages.keysReplaced(pubKey)),
    )
    return said(...lines, ...told)
  }
  if (flags.has('activate')) {
    const { warning } = await keys.activate(telling((pubKey) => messages.keySigns(pubKey)))
    return said(
      ...(warning === undefined ? [] : [warning]),
      'The next key now signs.',
      ...published(keys),
      ...told,
    )
  }
  if (flags.has('drop')) {
    await keys.drop()
    return said('The previous key is removed.', ...published(keys))
  }
  await keys.prepare(telling((pubKey) => messages.keyPublished(pubKey)))
  return said(
    ...published(keys),
    '',
    'The next key is published. Partners must set both: sipPublicKey: [current, next].',
    ...told,
    'Sign with it in 30 days: rotate-keys --activate.',
  )
}

/**
 * Emails owners about the next key, and again a week before it may sign. Nobody gets the same message twice.
 * @param now milliseconds since the epoch
 */
export async function tellOfNextKey(
  { storage, ownerMailBy, url }: RotationParts,
  now: number,
): Promise<void> {
  const next = storage.keys.all.find(({ state }) => state === 'next')
  if (!next) return
  const messages = new OwnerMessages(url)
  const ownerMail = ownerMailBy(storage.database.pool)
  await ownerMail.tellAll(messages.keyPublished(next.pubKey))
  if (now >= next.createdAt + NOTICE_MS - REMINDER_MS)
    await ownerMail.tellAll(messages.keySignsSoon(next.pubKey))
}

/** For when somebody may have read the database together with the secret. */
async function replaceAll({ database, sealer, keys }: Storage, alongside: Alongside): Promise<string[]> {
  const { appIds, secrets, requests } = await replaceSealedKeys(database, sealer, Date.now, alongside)
  await reseal(database.pool, sealer)
  await keys.refresh()
  return [
    'Replaced every sealed key:',
    ...published(keys),
    `new app secrets of ${appIds.length} apps: ${appIds.join(', ') || 'none'}`,
    `made at the next start: ${secrets.join(', ')}`,
    `logins that ended: ${requests}`,
    '',
    'Restart every process now. Partners must set the new sipPublicKey and the new app secret.',
  ]
}

function published({ all }: SigningKeys): string[] {
  return all.map(({ state, pubKey }: PublishedKey) => `${state.padEnd(9)} ${pubKey}`)
}

/** How many owners get an email, and which partners the operator has to tell by other means. */
function linesOf({ owners, withoutAddress, unreached }: Told): string[] {
  const names = unreached.slice(0, MAX_NAMES).join(', ')
  const more = unreached.length > MAX_NAMES ? `, and ${unreached.length - MAX_NAMES} more` : ''
  return [
    `Owners who get an email: ${owners}. Owners without a confirmed address: ${withoutAddress}.`,
    ...(unreached.length > 0 ? [`Tell these partners yourself: ${names}${more}.`] : []),
  ]
}
