import express from 'express'
import session from 'express-session'
import passport from 'passport'
import { CivicStrategy, toProfile } from 'passport-civic-sip'
import { accounts } from './accounts.js'
import { accountPage, homePage } from './pages.js'

/** The site. Its options are the strategy's, and `script`, the address of CivicJS. */
export function createApp({ script, ...options }, sessionSecret) {
  const civic = { script, appId: options.appId, env: options.env ?? 'prod' }

  passport.use(
    new CivicStrategy(options, async (userId, scopeData) => {
      const email = toProfile(userId, scopeData).emails?.[0]?.value
      if (email === undefined) return { user: false, info: { message: 'We need a verified email address.' } }
      return accounts.findOrCreate(userId, email)
    }),
  )
  // Linking only reads the identity, and makes no account
  passport.use('civic-link', new CivicStrategy(options, (userId) => ({ civicId: userId })))
  passport.serializeUser((user, done) => done(null, user.id))
  passport.deserializeUser((id, done) => {
    accounts.find(id).then((user) => done(null, user ?? false), done)
  })

  const app = express()
  app.use(
    session({
      secret: sessionSecret,
      resave: false,
      saveUninitialized: false,
      cookie: { sameSite: 'lax', secure: 'auto' },
    }),
  )
  app.use(passport.session())

  app.get('/', (req, res) => {
    if (req.user) res.redirect('/account')
    else res.send(homePage(civic))
  })
  app.get('/account', (req, res) => {
    if (!req.user) res.redirect('/')
    else res.send(accountPage(civic, req.user))
  })

  const body = express.urlencoded({ extended: false })
  const login = passport.authenticate('civic', { failWithError: true })
  app.post('/auth/civic', body, login, (req, res) => res.redirect(303, '/account'))
  const link = passport.authorize('civic-link', { failWithError: true })
  app.post('/link/civic', body, link, async (req, res) => {
    const isOurs = await accounts.link(req.user, req.account.civicId)
    if (isOurs) res.redirect(303, '/account')
    else res.status(409).send('This identity has another account.')
  })
  app.post('/logout', (req, res, next) => {
    req.logout((error) => (error ? next(error) : res.redirect(303, '/')))
  })

  app.use((error, req, res, next) => {
    const { status = 500, expose = status < 500, code, message } = error
    if (status >= 500) console.error(code ?? error)
    res.status(status).send(expose ? message : 'Logging in does not work at the moment.')
  })
  return app
}
