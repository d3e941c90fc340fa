import assert from 'node:assert/strict'
import { setImmediate } from 'node:timers/promises'
import { CivicStrategy } from '../../lib/index.ts'
import type { CivicStrategyOptions, Verify } from '../../lib/index.ts'
import type { FakeSip } from './sip.ts'
import { count } from './tally.ts'
import type { Verdict } from './tally.ts'

/** The action that a strategy called. */
export interface Outcome {
  readonly kind: 'success' | 'fail' | 'error'
  readonly code?: string | undefined
  readonly status?: number | undefined
  readonly user?: unknown
  readonly thrown?: unknown
}

interface Coded {
  code?: string
  status?: number
}

/** A request as a strategy sees it. */
export function post(body: unknown, headers: Record<string, string> = {}) {
  return {
    method: 'POST',
    headers,
    body,
  }
}

export function strategyFor(
  sip: FakeSip,
  options: Partial<CivicStrategyOptions> = {},
  verify: Verify<unknown> = (userId) => ({ userId }),
): CivicStrategy {
  return new CivicStrategy({ ...sip.options, ...options, passReqToCallback: false }, verify)
}

const HUNG_MS = 15_000

/**
 * Runs one request as Passport does, on an object made from the strategy, and waits until nothing more can happen.
 *
 * @returns all outcomes. A correct strategy has exactly one; none means that it hung
 */
export async function outcomesOf(strategy: object, req: object): Promise<Outcome[]> {
  const outcomes: Outcome[] = []
  await new Promise<void>((resolve) => {
    const hung = setTimeout(resolve, HUNG_MS)
    const record = (outcome: Outcome): void => {
      outcomes.push(outcome)
      clearTimeout(hung)
      resolve()
    }
    const attempt = Object.create(strategy) as { authenticate(req: object): void }
    Object.assign(attempt, {
      success: (user: unknown) => record({ kind: 'success', user }),
      fail: (challenge: Coded | undefined, status: number) =>
        record({ kind: 'fail', code: challenge?.code, status }),
      error: (thrown: Coded) => record({ kind: 'error', code: thrown.code, status: thrown.status, thrown }),
      pass: () => record({ kind: 'error', code: 'pass' }),
      redirect: () => record({ kind: 'error', code: 'redirect' }),
    })
    attempt.authenticate(req)
  })
  await setImmediate()
  return outcomes
}

/** Runs one request, counts it for the report, and requires exactly one outcome. */
export async function outcomeOf(
  area: string,
  expected: Verdict,
  strategy: object,
  req: object,
): Promise<Outcome> {
  const outcomes = await outcomesOf(strategy, req)
  const [outcome] = outcomes
  count(area, expected, outcome ? (outcome.kind === 'success' ? 'accepted' : 'refused') : 'hung')
  assert.equal(outcomes.length, 1, 'exactly one outcome')
  return outcome!
}
