import { expose } from './expose.ts'
import { fieldsOf, passedOn } from './messages.ts'
import { tokenEvents } from './sip.ts'

// The first version's name for the event, which had the token as `data`
tokenEvents.push({
  name: 'data-received',
  form: (event) => passedOn(fieldsOf(event), { data: event.response }),
})
expose()
