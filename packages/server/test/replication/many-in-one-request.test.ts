// Small versions that wait go to another Aquifer many in one request, and are there as if each had come alone.
import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import test from 'node:test'
import type { ObjectInfo } from '@aquifer/engine'
import { BUCKET, CrookedServer } from './crooked-server.js'
import { Source, versioned } from './source.js'

const COUNT = 120

test('what is said of each of many versions is said of it there, with its bytes', async (t) => {
  const target = await CrookedServer.start(t)
  await versioned(target.engine)
  const source = await Source.open(t)
  for (const { engine } of [source, target]) await engine.bucket(BUCKET).setConfiguration('objectLock', {})
  await source.replicateTo(target.remote)
  const asked = { PUT: 0, POST: 0 }
  let isDown = true
  target.trouble = ({ method, socket }) => {
    if (isDown) socket.destroy()
    else if (method === 'PUT' || method === 'POST') asked[method]++
    return isDown
  }
  const retainUntil = new Date(Date.now() + 60 * 60_000)
  const written = await Promise.all(
    Array.from({ length: COUNT }, (_, at) =>
      source.bucket.put(`ü/"${at % 50}"`, randomBytes(at === 7 ? 0 : 64 * at), {
        ...{ contentType: `text/x-${at}`, metadata: { name: `ä ${at}` }, tags: { at: `${at}`, 'ö ': 'ü =' } },
        ...(at % 5 === 0 && { legalHold: true }),
        ...(at % 7 === 0 && { retention: { mode: 'compliance', retainUntil } }),
      }),
    ),
  )
  isDown = false
  await source.says('that nothing waits', ({ waiting }) => waiting === 0)
  assert.equal((await source.status()).failures, 0)
  for (const { key, versionId } of written) {
    const which = { versionId: versionId! }
    const [here, there] = await Promise.all(
      [source.engine, target.engine].map(async (engine) => {
        await using object = await engine.bucket(BUCKET).get(key, which)
        const bytes = await object.bytes()
        return { info: said(object.info), bytes, tags: await engine.bucket(BUCKET).getTags(key, which) }
      }),
    )
    assert.deepEqual(there, here)
    const { replicationStatus } = await target.engine.bucket(BUCKET).head(key, which)
    assert.equal(replicationStatus, 'replica')
  }
  assert.ok(asked.POST > 0 && asked.POST + asked.PUT < COUNT / 2, JSON.stringify(asked))
})

const said = ({ replicationStatus: _, ownerId: __, ...info }: ObjectInfo): object => info
