import * as v from 'valibot'
import { Router } from 'express'
import type { Request } from 'express'
import { HttpError, jsonBody } from '../http/http.ts'
import { read } from '../http/read.ts'
import { options } from '../http/schema.ts'
import type { PartnersSide } from '../partners/partners-side.ts'
import type { Documents, Keep } from './documents.ts'

const BASE = '/dashboard/api/documents'
const MAX_REASON = 300
const REASON = `a reason of at most ${MAX_REASON} characters, for the person`

const Text = v.string('a text')
const ApproveCall = options({
  /** A reviewer's signature, if a cosigner requires it. */
  approval: v.optional(options({ id: Text, key: Text, signature: Text })),
})
const RefuseCall = options({
  reason: v.pipe(v.string(REASON), v.trim(), v.minLength(1, REASON), v.maxLength(MAX_REASON, REASON)),
})

export interface DocumentRouteParts {
  readonly documents: Documents
  /** Allows only reviewers. @throws HttpError 401, 403 */
  readonly authorize: (req: Request) => unknown
  /** Records that a reviewer reads a document. */
  readonly noteReading: (req: Request) => Promise<void>
  /** Stores a decision, and records what the reviewer did. */
  readonly keepBy: (req: Request, what: string) => Keep
}

/**
 * The reviewer's desk.
 *
 * | call | body | answer |
 * |---|---|---|
 * | `GET documents` | | the waiting documents, oldest first |
 * | `GET documents/reviewer-keys` | | what the cosigner requires of reviewers |
 * | `GET documents/{key}` | | one document, with its claims and pictures |
 * | `POST documents/{key}/approve` | `{ approval? }` | 204 |
 * | `POST documents/{key}/refuse` | `{ reason }` | 204 |
 */
export function documentRoutes({ documents, authorize, noteReading, keepBy }: DocumentRouteParts): Router {
  const router = Router()
  const json = jsonBody()
  router.use(BASE, async (req, _res, next) => {
    await authorize(req)
    next()
  })
  router.get(BASE, async (_req, res) => {
    res.json(await documents.waiting())
  })
  router.get(`${BASE}/reviewer-keys`, async (_req, res) => {
    res.json(await documents.reviewerKeys())
  })
  router.get(`${BASE}/:key`, async (req, res) => {
    const document = await documents.read(req.params.key)
    await noteReading(req)
    res.set('Cache-Control', 'no-store').json(document)
  })
  router.post(`${BASE}/:key/approve`, json, async (req, res) => {
    const { approval } = read(ApproveCall, req.body)
    const decision = { isApproved: true as const, ...(approval && { approval }) }
    await documents.decide(req.params.key, decision, keepBy(req, 'document.approved'))
    res.status(204).end()
  })
  router.post(`${BASE}/:key/refuse`, json, async (req, res) => {
    const { reason } = read(RefuseCall, req.body)
    const decision = { isApproved: false as const, reason }
    await documents.decide(req.params.key, decision, keepBy(req, 'document.refused'))
    res.status(204).end()
  })
  return router
}

/** The desk for the members with the role REVIEWER. */
export function reviewersDesk(
  documents: Documents,
  { access, note, change }: Pick<PartnersSide, 'access' | 'note' | 'change'>,
): Router {
  return documentRoutes({
    documents,
    authorize: (req) => {
      const isReviewer = access.personOf(req).memberships.some(({ role }) => role === 'REVIEWER')
      if (!isReviewer) throw new HttpError(403, 'only reviewers of this server can do this')
    },
    noteReading: (req) => note(access.personOf(req), undefined, 'document.read', String(req.params['key'])),
    keepBy: (req, what) => (key, decided) =>
      change(async ({ documents, audit }) => {
        const isDecided = await documents.decide(key, decided)
        if (isDecided) await audit.note(access.personOf(req), { what, detail: key })
        return isDecided
      }),
  })
}
