import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import test from 'node:test'
import { PostgresqlTarget } from '@aquifer/targets'
import pg from 'pg'
import { broker, deliver, event, idsOf, patiently, removal, testEvent } from './broker.js'

/** Debian keeps the server's programs beside the path. */
function programs(): string | undefined {
  try {
    const root = '/usr/lib/postgresql'
    return join(root, readdirSync(root).sort().at(-1)!, 'bin')
  } catch {
    return undefined
  }
}

const missing = programs() === undefined && 'postgresql is not installed'

test('PostgreSQL keeps events in a table, all or the last of each key', { skip: missing }, async (t) => {
  const bin = programs()!
  const isRoot = process.getuid?.() === 0
  let isMade = false
  const server = await broker(
    t,
    ({ port, folder }) => {
      const data = join(folder, 'data')
      const make = ['-D', data, '-A', 'trust', '-U', 'aquifer', '--no-sync']
      if (!isMade)
        execFileSync(join(bin, 'initdb'), make, {
          cwd: folder,
          stdio: 'ignore',
          ...(isRoot && idsOf('postgres')),
        })
      isMade = true
      return {
        file: join(bin, 'postgres'),
        args: ['-D', data, '-p', `${port}`, '-h', '127.0.0.1', '-k', folder],
      }
    },
    'postgres',
  )
  await server.start()
  const connectionString = `postgres://aquifer@127.0.0.1:${server.port}/postgres`
  const open = async (table: string, format: 'access' | 'namespace') => {
    const target = await PostgresqlTarget.load({ connectionString, table, format })
    t.after(() => target.close())
    return target
  }
  const [access, namespace] = [await open('events', 'access'), await open('public.keys', 'namespace')]
  await patiently(() => deliver(access, testEvent))
  for (const target of [access, namespace])
    for (const one of [event, event, removal, { ...event, key: 'b' }]) await deliver(target, one)
  await assert.rejects(open('no"name', 'access'), TypeError)
  const ask = async (query: string) => {
    const client = new pg.Client({ connectionString })
    await client.connect()
    const { rows } = await client.query(query)
    await client.end()
    return rows
  }
  const names = await ask(`SELECT event_data->>'EventName' AS name, event_time FROM events`)
  assert.deepEqual(
    names.map(({ name }) => name),
    ['s3:ObjectCreated:Put', 's3:ObjectCreated:Put', 's3:ObjectRemoved:Delete', 's3:ObjectCreated:Put'],
  )
  assert.deepEqual(names[0].event_time, event.time)
  assert.deepEqual(
    (await ask('SELECT key FROM public.keys')).map(({ key }) => key),
    ['photos/b'],
  )
})
