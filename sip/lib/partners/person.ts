import { HttpError } from '../http/http.ts'
import { OPERATORS } from '../store/partner-stores.ts'
import type { Membership } from '../store/partner-stores.ts'
import { can, operatorsCan } from './roles.ts'
import type { Power } from './roles.ts'

/** A caller of the dashboard's API, with their rights. */
export interface Person {
  readonly userId?: string
  readonly memberships: readonly Membership[]
  /** Whether the person is an operator of this server. */
  readonly isOperator: boolean
  can(power: Power, partnerId: string | undefined): boolean
}

/** The caller on a server without accounts, who can do everything. */
export const ANYBODY: Person = { memberships: [], isOperator: true, can: () => true }

export function personOf(userId: string, memberships: readonly Membership[]): Person {
  const isOperator = memberships.some(({ role }) => role === 'OPERATOR')
  return {
    userId,
    memberships,
    isOperator,
    can: (power, partnerId) =>
      memberships.some((member) => member.partnerId === partnerId && can(member.role, power)) ||
      (isOperator && operatorsCan(power)),
  }
}

/** Whether the person belongs to the partner, or may at least read its apps. */
export function knows(person: Person, partnerId: string | undefined): boolean {
  const isMember = person.memberships.some((member) => member.partnerId === partnerId)
  return isMember || person.can('app.read', partnerId)
}

/**
 * @param missing the message for a person who must not know whether it exists
 * @throws HttpError 404 for a stranger, 403 for a member whose role does not allow it
 */
export function check(person: Person, power: Power, partnerId: string | undefined, missing: string): void {
  if (person.can(power, partnerId)) return
  if (!knows(person, partnerId)) throw new HttpError(404, missing)
  throw new HttpError(403, 'your role does not allow this: ask an owner')
}

/** @throws HttpError 403 for everybody but operators */
export function checkOperator(person: Person): void {
  if (!person.isOperator) throw new HttpError(403, 'only operators of this server can do this')
}

/** The person's name at a partner, or as an operator. */
export function nameAt(person: Person, partnerId: string | undefined): string {
  const { memberships } = person
  const own = memberships.find((member) => member.partnerId === partnerId)
  const operator = memberships.find((member) => member.partnerId === OPERATORS)
  return (own ?? operator ?? memberships[0])?.name ?? ''
}

/** The partner whose audit log gets what the person did: the only one. */
export function homeOf({ memberships }: Person): { partnerId?: string } {
  const [first, ...others] = memberships
  return first && others.length === 0 ? { partnerId: first.partnerId } : {}
}
