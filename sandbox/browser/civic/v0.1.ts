import { expose } from './expose.ts'
import { tokenEvents } from './sip.ts'

// the first version called the event so, and gave the token as its `data`
tokenEvents.push({
  name: 'data-received',
  form: (event, response) => ({ event, response, data: response, type: 'code' }),
})
expose()
