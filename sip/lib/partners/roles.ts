import type { Role } from '../store/partner-stores.ts'
import { OPERATORS } from '../store/partner-stores.ts'

/** The rights to one partner's apps, people and records. */
export type Power = 'app.read' | 'app.write' | 'app.keys' | 'app.delete' | 'requests' | 'team' | 'audit'

const OF_APPS: readonly Power[] = ['app.read', 'app.write', 'app.keys', 'requests']

/** The rights of each role at its partner. */
const POWERS: Readonly<Record<Role, readonly Power[]>> = {
  OWNER: [...OF_APPS, 'app.delete', 'team', 'audit'],
  ADMIN: [...OF_APPS, 'app.delete', 'audit'],
  DEVELOPER: OF_APPS,
  OPERATOR: ['team', 'audit'],
  REVIEWER: [],
}

/** Operators see every partner's apps, to approve and suspend them, but not their requests and keys. */
const OF_OPERATORS: readonly Power[] = ['app.read']

const PARTNER_ROLES: readonly Role[] = ['OWNER', 'ADMIN', 'DEVELOPER']
const OPERATOR_ROLES: readonly Role[] = ['OPERATOR', 'REVIEWER']

/** The roles of a partner's members, the leading one first. */
export function rolesOf(partnerId: string | undefined): readonly Role[] {
  return partnerId === OPERATORS ? OPERATOR_ROLES : PARTNER_ROLES
}

/** The role that at least one member of each partner, and one operator, must have. */
export function leadOf(partnerId: string): Role {
  return partnerId === OPERATORS ? 'OPERATOR' : 'OWNER'
}

/** The rights of one role at a partner. */
export function can(role: Role, power: Power): boolean {
  return POWERS[role].includes(power)
}

/** The rights of operators at every partner. */
export function operatorsCan(power: Power): boolean {
  return OF_OPERATORS.includes(power)
}
