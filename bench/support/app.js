/** A site in one process: Express, Passport and one contender's strategy. */
import { Session } from 'node:inspector/promises'
import express from 'express'
import passport from 'passport'
import { strategies } from '../contenders/strategies.js'
import { serve } from './child.js'
import { watchBlocks } from './blocks.js'
import { cpu } from './measure.js'
import { byPackage } from './profile.js'

let blocks
let profiler

function setup({ contender, options, redisUrl }) {
  passport.use('civic', strategies[contender](options, redisUrl))
  const app = express()
  app.use(express.json(), passport.initialize())
  app.post('/auth/civic', passport.authenticate('civic', { session: false }), (req, res) => {
    res.json(req.user)
  })
  return new Promise((resolve) => {
    const server = app.listen(0, '127.0.0.1', () => resolve({ port: server.address().port }))
  })
}

serve({
  setup,
  cpu,
  watchBlocks() {
    blocks = watchBlocks()
  },
  longestBlock: () => blocks.longest(),
  async startProfile() {
    profiler = new Session()
    profiler.connect()
    await profiler.post('Profiler.enable')
    await profiler.post('Profiler.start')
  },
  async stopProfile() {
    const { profile } = await profiler.post('Profiler.stop')
    profiler.disconnect()
    return byPackage(profile)
  },
})
