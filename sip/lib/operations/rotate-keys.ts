import type { OwnerMail, OwnerMessage, Told } from '../partners/owner-mail.ts'
import { OwnerMessages } from '../partners/owner-messages.ts'
import { replaceSealedKeys, reseal } from '../store/postgres/index.ts'
import type { PublishedKey, SigningKeys, Storage } from '../store/postgres/index.ts'
import { NOTICE_MS } from '../secrets/signing-keys.ts'
import { said } from './admin-socket.ts'
import type { Said } from './admin-socket.ts'

export interface RotationParts {
  readonly storage: Storage
  readonly ownerMail: OwnerMail
  /** The server's origin. */
  readonly url: string
}

/** How long before the end of the 30 days owners are reminded. */
const REMINDER_MS = 7 * 24 * 60 * 60_000
const MAX_NAMES = 20

/** Takes one step of a rotation, and emails the owners of all partners. */
export async function rotateKeys(parts: RotationParts, flags: ReadonlySet<string>): Promise<Said> {
  const { storage, ownerMail, url } = parts
  const { keys } = storage
  const messages = new OwnerMessages(url)
  const tell = async (message: OwnerMessage): Promise<string[]> => linesOf(await ownerMail.tellAll(message))
  if (flags.size > 1) return { lines: ['rotate-keys: one step at a time'], isDone: false }
  if (flags.has('compromised')) {
    const lines = await replaceAll(storage)
    return said(...lines, ...(await tell(messages.keysReplaced(keys.current.pubKey))))
  }
  if (flags.has('activate')) {
    const { warning } = await keys.activate()
    return said(
      ...(warning === undefined ? [] : [warning]),
      'The next key now signs.',
      ...published(keys),
      ...(await tell(messages.keySigns(keys.current.pubKey))),
    )
  }
  if (flags.has('drop')) {
    await keys.drop()
    return said('The previous key is removed.', ...published(keys))
  }
  const { pubKey } = await keys.prepare()
  return said(
    ...published(keys),
    '',
    'The next key is published. Partners must set both: sipPublicKey: [current, next].',
    ...(await tell(messages.keyPublished(pubKey))),
    'Sign with it in 30 days: rotate-keys --activate.',
  )
}

/**
 * Emails owners about the next key, and again a week before it may sign. Nobody gets the same message twice.
 * @param now milliseconds since the epoch
 */
export async function tellOfNextKey({ storage, ownerMail, url }: RotationParts, now: number): Promise<void> {
  const next = storage.keys.all.find(({ state }) => state === 'next')
  if (!next) return
  const messages = new OwnerMessages(url)
  await ownerMail.tellAll(messages.keyPublished(next.pubKey))
  if (now >= next.createdAt + NOTICE_MS - REMINDER_MS)
    await ownerMail.tellAll(messages.keySignsSoon(next.pubKey))
}

/** For when somebody may have read the database together with the secret. */
async function replaceAll({ database, sealer, keys }: Storage): Promise<string[]> {
  const { appIds, secrets, requests } = await replaceSealedKeys(database, sealer)
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
