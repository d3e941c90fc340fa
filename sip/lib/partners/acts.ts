import type { App } from '../apps/apps.ts'
import type { Power } from './roles.ts'

/** Acts that a member must approve in the wallet first, because they show a secret or remove keys. */
export type ActName = 'reveal' | 'rotate' | 'revoke' | 'delete'

export const POWER_FOR: Readonly<Record<ActName, Power>> = {
  reveal: 'app.keys',
  rotate: 'app.keys',
  revoke: 'app.keys',
  delete: 'app.delete',
}

/** The act in a session. */
export function actOf(name: ActName, appId: string, keyId = ''): string {
  return [name, appId, keyId].join(' ').trimEnd()
}

/** The text that the wallet shows. */
export function descriptionOf(name: ActName, app: App, keyId: string): string {
  const of = `the app ${app.name} (${app.appId})`
  switch (name) {
    case 'reveal':
      return `Show the secret of keys ${keyId} of ${of}`
    case 'rotate':
      return `Make new keys for ${of}`
    case 'revoke':
      return `Revoke keys ${keyId} of ${of}`
    case 'delete':
      return `Delete ${of}`
  }
}
