import { expose } from './expose.ts'
import { fieldsOf, passedOn } from './messages.ts'
import { tokenEvents } from './sip.ts'

// The first version called the event so, and gave the token as its `data`
tokenEvents.push({
  name: 'data-received',
  form: (event) => passedOn(fieldsOf(event), { data: event.response }),
})
expose()
