import { Router } from 'express'
import type { Request, RequestHandler } from 'express'
import type { Accounts } from './accounts.ts'
import { isProblemCode, problems, Refusal } from './problems.ts'
import { localPath } from './requests.ts'
import { accountPage, memberName } from './views/account.ts'
import { homePage, memberPage } from './views/home.ts'
import type { CivicPage } from './views/layout.ts'
import { problemPage } from './views/problem.ts'

/** The front page, and everything that logged-in people can do with their account. */
export function pages(accounts: Accounts, civic: CivicPage): Router {
  const router = Router()
  router.get('/', async (req, res) => {
    if (req.isAuthenticated()) res.send(memberPage(memberName(await accounts.read(userOf(req)))))
    else res.send(homePage(civic, localPath(req.query.returnTo)))
  })
  router.get('/problem', (req, res) => {
    const { code } = req.query
    if (!isProblemCode(code)) throw new Refusal('NOT_FOUND')
    const [status, title, advice] = problems[code]
    res.status(status).send(problemPage(title, advice, code, req.isAuthenticated()))
  })
  router.get('/account', loggedInOnly, async (req, res) => {
    const account = await accounts.read(userOf(req))
    res.format({
      html: () => res.send(accountPage(civic, account, req.query.done)),
      json: () => res.json(account),
    })
  })
  router.post('/account/unlink', loggedInOnly, async (req, res) => {
    const { provider, userId } = Object(req.body) as { provider?: unknown; userId?: unknown }
    if (provider !== 'civic' && provider !== 'civic-direct') throw new Refusal('IDENTITY_NOT_LINKED')
    await accounts.unlink(userOf(req), { provider, userId: String(userId) }, req.ip ?? '', req.sessionID)
    res.redirect(303, '/account?done=unlink')
  })
  router.post('/account/delete', loggedInOnly, async (req, res) => {
    await accounts.delete(userOf(req))
    await endSession(req)
    res.redirect(303, '/')
  })
  router.post('/logout', async (req, res) => {
    await endSession(req)
    res.redirect(303, '/')
  })
  return router
}

const loggedInOnly: RequestHandler = (req, res, next) => {
  const wantsPage = req.method === 'GET' && req.accepts(['html', 'json']) === 'html'
  if (req.isAuthenticated()) next()
  else if (wantsPage) res.redirect(303, `/?returnTo=${encodeURIComponent(req.originalUrl)}`)
  else next(new Refusal('NOT_LOGGED_IN'))
}

function userOf({ user }: Request): string {
  if (!user) throw new Refusal('NOT_LOGGED_IN')
  return user.id
}

function endSession(req: Request): Promise<void> {
  return new Promise((resolve, reject) => {
    req.session.destroy((error: Error | null | undefined) => (error ? reject(error) : resolve()))
  })
}
