import { type EngineEvent, type EventMessageOptions, type EventTarget, eventMessage } from '@aquifer/engine'
import type { Pool } from 'pg'
import { Connection } from './connection.js'
import { loadClient } from './load-client.js'
import { changeOfNamespace, type RowFormat } from './row-format.js'

export interface PostgresqlTargetOptions extends EventMessageOptions {
  /** Such as `postgres://user:password@localhost/database`, or `host=… user=…` as libpq has it. */
  readonly connectionString: string
  /** Made when it is not there. */
  readonly table: string
  readonly format: RowFormat
}

const NAME = /^[A-Za-z_][A-Za-z0-9_]{0,62}(\.[A-Za-z_][A-Za-z0-9_]{0,62})?$/
const CLIENTS_MAX = 8

/** Keeps events in a table of PostgreSQL. Needs the package `pg`. */
export class PostgresqlTarget implements EventTarget {
  readonly #options: PostgresqlTargetOptions
  readonly #table: string
  readonly #connection: Connection<Pool>

  private constructor(options: PostgresqlTargetOptions, pg: typeof import('pg')) {
    this.#options = options
    if (!NAME.test(options.table)) throw new TypeError(`"${options.table}" cannot be the name of a table.`)
    this.#table = options.table
      .split('.')
      .map((part) => `"${part}"`)
      .join('.')
    this.#connection = new Connection(
      async () => {
        const { connectionString, format } = options
        const pool = new pg.Pool({ connectionString, max: CLIENTS_MAX, connectionTimeoutMillis: 5_000 })
        pool.on('error', () => {}) // Of a client that nobody uses; it is replaced.
        const columns =
          format === 'namespace'
            ? 'key text PRIMARY KEY, value jsonb'
            : 'event_time timestamptz NOT NULL, event_data jsonb'
        await pool.query(`CREATE TABLE IF NOT EXISTS ${this.#table} (${columns})`)
        return pool
      },
      (pool) => pool.end(),
    )
  }

  /**
   * @throws {@link MissingClientError}
   * @throws {TypeError} for what cannot be a table's name.
   */
  static async load(options: PostgresqlTargetOptions): Promise<PostgresqlTarget> {
    const pg = await loadClient('pg', () => import('pg'))
    return new PostgresqlTarget(options, pg)
  }

  deliver(event: EngineEvent, { signal }: { signal: AbortSignal }): Promise<void> {
    return this.#connection.use(signal, async (pool) => {
      if (event.name === 's3:TestEvent') {
        await pool.query('SELECT 1')
      } else if (this.#options.format === 'access') {
        const message = JSON.stringify(eventMessage(event, this.#options))
        const insert = `INSERT INTO ${this.#table} (event_time, event_data) VALUES ($1, $2)`
        await pool.query(insert, [event.time, message])
      } else {
        const { key, value } = changeOfNamespace(event, this.#options)
        const [statement, values] =
          value === undefined
            ? [`DELETE FROM ${this.#table} WHERE key = $1`, [key]]
            : [
                `INSERT INTO ${this.#table} (key, value) VALUES ($1, $2) ON CONFLICT (key) DO UPDATE SET value = EXCLUDED.value`,
                [key, value],
              ]
        await pool.query(statement, values)
      }
    })
  }

  close(): Promise<void> {
    return this.#connection.close()
  }
}
