import { EventEmitter } from 'node:events'
import { logFailure } from '../../operations/describe-error.ts'
import type { Activity, ActivityEvent } from '../../partners/activity.ts'
import type { ActivityStore, Patch } from '../stores.ts'
import type { Database } from './database.ts'
import { json } from './records.ts'
import { deleteExpired } from './statements.ts'

interface ActivityRow {
  readonly doc: Omit<Activity, 'timeline'>
  readonly timeline: Activity['timeline']
}

const CHANNEL = 'activities'

/** Notifications contain only the ids of entries. Watchers then read the entries. */
export class PostgresActivities implements ActivityStore {
  readonly #database: Database
  readonly #watchers = new EventEmitter<{ change: [Activity] }>()
  readonly #changed = new Set<string>()
  #isTelling = false
  #listening: Promise<unknown> | undefined

  constructor(database: Database) {
    this.#database = database
    // One for each open dashboard
    this.#watchers.setMaxListeners(0)
  }

  async list(max: number, appIds?: readonly string[]): Promise<readonly Activity[]> {
    const { rows } = await this.#database.pool.query<ActivityRow>(
      `select doc, timeline from activities ${appIds ? 'where app_id = any($2)' : ''} order by seq desc limit $1`,
      appIds ? [max, appIds] : [max],
    )
    return rows.map(read)
  }

  async find(id: string): Promise<Activity | undefined> {
    const { rows } = await this.#database.pool.query<ActivityRow>(
      'select doc, timeline from activities where id = $1',
      [id],
    )
    return rows[0] && read(rows[0])
  }

  async insert({ timeline, ...entry }: Activity, max: number): Promise<void> {
    await this.#listening
    await this.#database.pool.query(
      `with changed as (insert into activities (id, doc, timeline) values ($1, $2, $3) returning id),
        -- This sees the rows without the new one
        removed as (
          delete from activities where app_id = $4 and seq <= (
            select seq from activities where app_id = $4 order by seq desc offset $5::bigint - 1 limit 1
          )
        )
        select pg_notify('${CHANNEL}', id) from changed`,
      [entry.id, json(entry), json(timeline), entry.appId, max],
    )
  }

  async note(id: string, event: ActivityEvent, patch: Patch<Activity>, maxEvents: number): Promise<boolean> {
    await this.#listening
    const gone = Object.entries(patch).flatMap(([name, field]) => (field === undefined ? [name] : []))
    const { rowCount } = await this.#database.pool.query(
      `with changed as (
        update activities set doc = (doc || $2) - $3::text[], timeline = (
            select jsonb_agg(event order by place) from (
              select event, place from jsonb_array_elements(timeline || $4::jsonb) with ordinality
                as each (event, place) order by place desc limit $5
            ) as last
          )
          where id = $1 returning id
      )
      select pg_notify('${CHANNEL}', id) from changed`,
      [id, json(patch), gone, json([event]), maxEvents],
    )
    return rowCount === 1
  }

  async forget(appId: string): Promise<void> {
    await this.#database.pool.query('delete from activities where app_id = $1', [appId])
  }

  sweep(before: number): Promise<void> {
    return deleteExpired(this.#database.pool, { table: 'activities', key: 'id', until: 'at' }, before)
  }

  watch(listener: (entry: Activity) => void): () => void {
    this.#watchers.on('change', listener)
    // If it fails, the next watcher tries again
    this.#listening ??= this.#database
      .listen(CHANNEL, (id) => this.#tell(id))
      .catch(() => (this.#listening = undefined))
    return () => void this.#watchers.off('change', listener)
  }

  #tell(id: string): void {
    if (this.#watchers.listenerCount('change') === 0) return
    this.#changed.add(id)
    if (!this.#isTelling) this.#tellAll().catch(logFailure)
  }

  async #tellAll(): Promise<void> {
    this.#isTelling = true
    try {
      for (const id of this.#changed) {
        this.#changed.delete(id)
        const entry = await this.find(id)
        if (entry) this.#watchers.emit('change', entry)
      }
    } finally {
      this.#isTelling = false
    }
  }
}

function read({ doc, timeline }: ActivityRow): Activity {
  return { ...doc, timeline }
}
