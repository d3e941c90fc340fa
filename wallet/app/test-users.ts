import { ask } from 'civic-ui'
import type { TestUser } from './config.ts'
import type { IdentityParts, Kept } from './identity.ts'

/** Makes a test user. @param description missing details are filled in, always in the same way. @throws Refusal */
export function makeTestUser(description: Readonly<Record<string, string>>): Promise<TestUser> {
  return ask('POST test-users', description)
}

/** The sandbox's copy of a test user's wallet, for every browser that uses it. */
export async function openTestUser(user: TestUser): Promise<IdentityParts> {
  const { id, name, seed, values, isEmailVerified } = user
  const kept = await ask<Kept>(`GET test-users/${id}/kept`)
  return { id, name, kind: 'test', seed, values, isEmailVerified, kept }
}

export async function keepTestUser(id: string, kept: Kept): Promise<void> {
  await ask(`PUT test-users/${id}/kept`, kept)
}
