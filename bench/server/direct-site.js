/** A site with the Direct option, in a process for it alone. */
import { Site } from '../../test/support/direct-site.ts'
import { serve } from '../support/child.js'
import { cpu } from '../support/measure.js'

let site

serve({
  setup: async () => {
    site = await Site.start({ trustProxy: true })
    return site.origin
  },
  cpu,
})
