import { createApp } from './app.js'

const { env } = process
const port = Number(env.PORT ?? 3001)
const app = createApp(
  {
    appId: env.CIVIC_APP_ID,
    appSecret: env.CIVIC_APP_SECRET,
    prvKey: env.CIVIC_PRIVATE_KEY,
    script: env.CIVIC_SCRIPT ?? 'https://hosted-sip.civic.com/js/civic.sip.min.js',
    // Set by the sandbox in development; not set in production
    ...(env.CIVIC_API && {
      api: env.CIVIC_API,
      audience: env.CIVIC_AUDIENCE,
      env: env.CIVIC_ENV,
      sipPublicKey: env.CIVIC_SIP_PUBLIC_KEY,
    }),
  },
  env.SESSION_SECRET ?? 'for development',
)
const server = app.listen(port, () => console.log(`Site       http://localhost:${server.address().port}/`))
