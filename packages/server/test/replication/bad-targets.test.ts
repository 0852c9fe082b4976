// Targets that are set up wrongly, that fail, and that hang: each is told of by what it is, nothing is lost, and all of it arrives
// once the target is mended. The source is an engine in this process, the target another one behind HTTP.
import assert from 'node:assert/strict'
import { createServer as createPlainServer } from 'node:net'
import test, { type TestContext } from 'node:test'
import type { RemoteBucket } from '@aquifer/engine'
import { BUCKET, CrookedServer } from './crooked-server.js'
import { Source, type SourceOptions, versioned } from './source.js'

const WRITTEN = 40

async function pair(t: TestContext, options: SourceOptions = {}) {
  const target = await CrookedServer.start(t)
  await versioned(target.engine)
  return { source: await Source.open(t, options), target }
}

test('targets of every bad kind', { concurrency: true }, async (t) => {
  const each: Promise<void>[] = []
  const promise = (name: string, prove: (t: TestContext) => Promise<void>): number =>
    each.push(t.test(name, prove))

  promise('what can be no target is refused when it is added, by what is wrong with it', async (t) => {
    const { source, target } = await pair(t)
    const remote = target.remote
    await target.engine.createBucket('plain')
    const silent = createPlainServer((socket) => socket.end('who is there\r\n\r\n'))
    await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve))
    t.after(() => silent.close())
    const wrong: [Partial<RemoteBucket>, string, RegExp][] = [
      [{ secretAccessKey: 'another' }, 'AccessDenied', /SignatureDoesNotMatch/],
      [{ bucket: 'nowhere' }, 'NoSuchBucket', /nowhere/],
      [{ bucket: 'plain' }, 'NotVersioned', /versioning/],
      [{ endpoint: remote.endpoint.replace('http:', 'https:') }, 'Unreachable', /TLS|SSL|ssl/],
      [{ endpoint: 'http://127.0.0.1:1' }, 'Unreachable', /127\.0\.0\.1:1/],
    ]
    for (const [change, reason, message] of wrong)
      await assert.rejects(
        source.engine.replication.addTarget(BUCKET, { ...remote, ...change }),
        (error: { code: string; message: string; details: { reason: string } }) => {
          assert.deepEqual([error.code, error.details.reason], ['ReplicationTargetRefused', reason])
          assert.match(error.message, message)
          return true
        },
      )
    assert.deepEqual(await source.engine.replication.status(), [])
  })

  promise('keys that are taken away are told of, and new ones go on where the old ones ended', async (t) => {
    const { source, target } = await pair(t)
    const arn = await source.replicateTo(target.remote)
    await source.write()
    target.secretAccessKey = 'a-new-secret'
    await source.write()
    await source.says('that the keys are wrong', ({ lastError, waiting }) => {
      return /SignatureDoesNotMatch/.test(lastError?.message ?? '') && waiting > 0
    })
    const { secretAccessKey } = target
    await source.engine.replication.updateTarget(arn, { secretAccessKey })
    await source.arrived(target.engine)
  })

  promise('a bucket that is removed is told of, and all waits until it is there again', async (t) => {
    const { source, target } = await pair(t)
    await source.replicateTo(target.remote)
    await target.engine.bucket(BUCKET).remove()
    await source.write()
    await source.says('that it is not there', ({ lastError, waiting }) => {
      return /NoSuchBucket|"photos"/.test(lastError?.message ?? '') && waiting === WRITTEN
    })
    await versioned(target.engine)
    await source.arrived(target.engine)
  })

  promise(
    'a bucket whose versions are suspended is told of, and all waits until they are enabled',
    async (t) => {
      const { source, target } = await pair(t)
      await source.replicateTo(target.remote)
      await target.engine.bucket(BUCKET).setConfiguration('versioning', 'suspended')
      await source.write()
      await source.says('that there are no versions', ({ lastError, waiting }) => {
        return /version/i.test(lastError?.message ?? '') && waiting === WRITTEN
      })
      assert.equal(
        (await source.engine.replication.status())[0]!.failed.versions,
        0,
        'none is held against a version',
      )
      await target.engine.bucket(BUCKET).setConfiguration('versioning', 'enabled')
      await source.arrived(target.engine)
    },
  )

  promise('every third write answered 500 loses nothing', async (t) => {
    const { source, target } = await pair(t)
    await source.replicateTo(target.remote)
    const writes = { PUT: 0, POST: 0 }
    let failed = 0
    target.trouble = (request, response) => {
      const { method } = request
      if (method !== 'PUT' && method !== 'POST') return false
      // Not without end: what fails again and again is tried after longer and longer.
      if (writes[method]++ % 3 !== 0 || failed === WRITTEN / 2) return false
      failed++
      request.resume()
      response.writeHead(500).end()
      return true
    }
    await source.write()
    await source.fanOut(WRITTEN)
    await source.arrived(target.engine)
    assert.ok(writes.POST > 0, 'none went together with others')
    assert.equal(failed, WRITTEN / 2)
  })

  promise('a target that hangs is given up for a while, and writes go on', async (t) => {
    const { source, target } = await pair(t, { idleTimeoutMs: 1_000 })
    await source.replicateTo(target.remote)
    let hung = 0
    target.trouble = () => {
      hung++
      return true
    }
    const count = 5 * WRITTEN
    await source.write({ count })
    await source.says('that it is silent', ({ lastError, waiting, isOnline }) => {
      return /silent/.test(lastError?.message ?? '') && waiting === count && !isOnline
    })
    // Not every version asks for itself whether it is there again.
    assert.ok(hung <= 2 * WRITTEN, `${hung}`)
    target.trouble = () => false
    target.cut()
    await source.arrived(target.engine)
  })

  promise('a target that dies amid a large object gets it whole afterwards', async (t) => {
    const { source, target } = await pair(t)
    await source.replicateTo(target.remote)
    let deaths = 0
    target.trouble = (request) => {
      const { 'content-length': sizeBytes = 0 } = request.headers
      if (deaths >= 3 || Number(sizeBytes) < 4 * 2 ** 20) return false
      let seen = 0
      request.on('data', (chunk) => {
        seen += chunk.length
        if (seen < 2 * 2 ** 20 || request.destroyed) return
        deaths++
        request.socket.destroy()
      })
      return true
    }
    await source.write({ count: 1, sizeBytes: 40 * 2 ** 20 })
    await source.write({ count: 1, sizeBytes: 20 * 2 ** 20 })
    await source.arrived(target.engine)
    assert.ok(deaths >= 3)
  })

  await Promise.all(each)
})
