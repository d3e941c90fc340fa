import { MemoryAnchoring } from '../../../sip/lib/store/memory-anchoring.ts'
import { MemoryDocuments } from '../../../sip/lib/store/memory-documents.ts'
import { MemoryOutbox } from '../../../sip/lib/store/memory-outbox.ts'
import { PostgresAnchoring } from '../../../sip/lib/store/postgres/anchoring.ts'
import { PostgresDocuments } from '../../../sip/lib/store/postgres/documents.ts'
import { PostgresOutbox } from '../../../sip/lib/store/postgres/outbox.ts'
import { eachDatabase } from '../../support/databases.ts'
import { outboxContract } from '../outbox/outbox.contract.ts'
import { plainSeal } from '../support/seal.ts'
import { anchoringContract } from './anchoring.contract.ts'
import { documentContract } from './documents.contract.ts'

describe('sip: the stores of the attester', () => {
  describe('in memory', () => {
    describe('waiting messages', () => {
      let store: MemoryOutbox
      beforeEach(() => {
        store = new MemoryOutbox()
      })
      outboxContract(() => Promise.resolve(store))
    })
    describe('the anchor queue', () => {
      anchoringContract(() => Promise.resolve(new MemoryAnchoring()))
    })
    describe('documents', () => {
      documentContract(() => Promise.resolve(new MemoryDocuments()))
    })
  })

  eachDatabase((_name, open) => {
    describe('waiting messages', () => {
      outboxContract(async () => new PostgresOutbox((await open()).pool))
    })
    describe('the anchor queue', () => {
      anchoringContract(async () => new PostgresAnchoring((await open()).pool, plainSeal))
    })
    describe('documents', () => {
      documentContract(async () => new PostgresDocuments((await open()).pool, plainSeal))
    })
  })
})
