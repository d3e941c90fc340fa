// Writes the software bill of materials of the published packages: of what npm installs for them, which npm's own
// look at this repository would mix with the example site's. CycloneDX, to reports/sbom.cdx.json.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { Consumer } from './support/consumer.ts'
import { root } from './support/packed.ts'
import { npm } from './support/run.ts'

const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { version: string }
const consumer = await Consumer.create([], { name: 'passport-civic-sip-packages', version })
const sbom = await npm(['sbom', '--sbom-format', 'cyclonedx', '--sbom-type', 'library'], consumer.folder)
mkdirSync(join(root, 'reports'), { recursive: true })
writeFileSync(join(root, 'reports/sbom.cdx.json'), sbom)
const { components } = JSON.parse(sbom) as { components: unknown[] }
console.log(`reports/sbom.cdx.json: ${components.length} components`)
