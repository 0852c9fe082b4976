import assert from 'node:assert/strict'
import test from 'node:test'
import { ReplicationError, type ReplicationFailure } from '@aquifer/engine'
import { assertInvariants } from '@aquifer/engine/testing'
import { FakeTarget } from './fake-target.js'
import { keptStores, open, openReplicating, settled, until } from './open-replicating.js'

const text = (value: string) => Buffer.from(value)

test('versions, tags, holds, delete markers and removals go to the target', async () => {
  const target = new FakeTarget()
  const stores = await keptStores()
  const { engine, logs } = await openReplicating(target, { stores })
  const first = await logs.put('a', text('one'))
  await logs.put('a', text('two'), { tags: { kind: 'new' } })
  await logs.put('big', Buffer.alloc(300_000, 'x'))
  const { deleteMarker } = await logs.delete('a')
  await settled(engine)
  assert.deepEqual(target.holds, ['a=deleted', 'a=one', 'a=two kind:new', `big=${'x'.repeat(300_000)}`])
  assert.deepEqual(
    [...target.versions.values()]
      .filter(({ key }) => key === 'a')
      .map(({ versionId }) => versionId)
      .slice(0, 1),
    [first.versionId],
  )
  target.calls.length = 0
  await logs.setTags('a', { kind: 'old' }, { versionId: first.versionId! })
  await settled(engine)
  assert.deepEqual(target.calls, ['merge a'])
  await logs.delete('a', { versionId: deleteMarker!.versionId })
  await logs.delete('a', { versionId: first.versionId! })
  await settled(engine)
  assert.deepEqual(target.holds, ['a=two kind:new', `big=${'x'.repeat(300_000)}`])
  assert.equal((await logs.head('a')).replicationStatus, 'completed')
  const [status] = await engine.replication.status()
  assert.ok(status!.lagMs!.max >= status!.lagMs!.median)
  assert.equal(status!.isOnline, true)
  assert.ok(status!.completed.bytes > 300_000)
  await engine.close()
  await assertInvariants(stores)
})

test('a target that is down has everything wait, holds nothing against it, and gets it all when it is back', async () => {
  const target = new FakeTarget()
  const { engine, logs } = await openReplicating(target)
  await using _ = engine
  target.isDown = true
  for (let n = 0; n < 50; n++) await logs.put(`k${n}`, text(`${n}`))
  await until(() => target.calls.length > 1)
  const [down] = await engine.replication.status()
  assert.deepEqual([down!.isOnline, down!.waiting, down!.failures, down!.failed.versions], [false, 50, 0, 0])
  assert.equal(down!.lastError!.message, 'It is down.')
  assert.ok(down!.waitingSince!.getTime() <= Date.now())
  assert.equal((await logs.head('k0')).replicationStatus, 'pending')
  // The probe, what was under way when it went down, and one at a time since.
  assert.ok(target.calls.length <= 20, 'it is left alone')
  target.isDown = false
  await settled(engine)
  assert.equal(target.versions.size, 50)
  assert.equal((await engine.replication.status())[0]!.lastError, undefined)
})

for (const sizeBytes of [1, 32 * 1024 ** 2])
  test(`a version of ${sizeBytes} bytes at which the connection always breaks off is failed, and does not hold up the others`, async () => {
    const target = new FakeTarget()
    target.before = (call, key) => {
      if (call === 'put' && key === 'bad') throw new ReplicationError('Unreachable', 'It broke off.')
    }
    const { engine, logs } = await openReplicating(target)
    await using _ = engine
    await logs.put('bad', Buffer.alloc(sizeBytes))
    let others = 0
    await until(async () => {
      await logs.put(`good${others++}`, text('1'))
      return (await logs.head('bad')).replicationStatus === 'failed'
    })
    await until(() => target.versions.size === others)
    const [status] = await engine.replication.status()
    assert.deepEqual([status!.waiting, status!.failed.versions], [1, 1])
  })

test('what needs nothing of a target that is down says nothing of it: no failure is held against what does', async () => {
  const target = new FakeTarget()
  let tries = 0
  target.before = (call, key) => {
    if (call === 'probe') return
    if (key === 'stays') tries++
    throw new ReplicationError('Unreachable', 'It is down.')
  }
  const { engine, logs } = await openReplicating(target, { rule: { versionDeletes: 'disabled' } })
  await using _ = engine
  await logs.put('stays', text('1'))
  await until(() => tries === 1)
  // While it rests.
  for (let n = 0; n < 10; n++) {
    const { key, versionId } = await logs.put(`gone${n}`, text('1'))
    await logs.delete(key, { versionId: versionId! })
  }
  await until(() => tries >= 3)
  assert.equal((await engine.replication.status())[0]!.failed.versions, 0)
  assert.equal((await logs.head('stays')).replicationStatus, 'pending')
})

test('what the target refuses is failed and tried again, while other keys go on', async () => {
  const target = new FakeTarget()
  const { engine, logs } = await openReplicating(target)
  await using _ = engine
  let refuses = true
  target.before = (_call, key) => {
    if (key === 'bad' && refuses) throw new ReplicationError('Refused', 'Not this one.')
  }
  const events: string[] = []
  const listening = await engine.events.listen({ names: ['s3:Replication:*'] })
  const listen = (async () => {
    for await (const { name, key } of listening) events.push(`${name.split(':')[2]} ${key}`)
  })()
  await logs.put('bad', text('1'))
  await logs.put('good', text('1'))
  await until(async () => (await logs.head('bad')).replicationStatus === 'failed')
  await until(async () => (await logs.head('good')).replicationStatus === 'completed')
  refuses = false
  await settled(engine)
  assert.equal((await logs.head('bad')).replicationStatus, 'completed')
  await until(() => events.length === 3)
  assert.deepEqual(events.sort(), [
    'OperationCompletedReplication bad',
    'OperationCompletedReplication good',
    'OperationFailedReplication bad',
  ])
  await listening.return()
  await listen
})

test('where an event about it has no room, what was carried over waits to be told of, and is held against nobody', async () => {
  const target = new FakeTarget()
  let isDown = true
  const arn = 'arn:minio:sqs::1:webhook'
  const eventTargets = [
    {
      arn,
      ...{ backlogMax: 1, retryDelayMs: 10, whenFull: 'block' as const },
      target: {
        async deliver() {
          if (isDown) throw new Error('It is down.')
        },
      },
    },
  ]
  const { engine, logs } = await openReplicating(target, { eventTargets })
  await using _ = engine
  const rules = [{ arn, names: ['s3:Replication:*'] }]
  await logs.setConfiguration('notification', { rules }, { skipDestinationValidation: true })
  for (const key of ['a', 'b', 'c']) await logs.put(key, text(key))
  await until(() => target.versions.size === 3)
  await until(async () => (await engine.replication.status())[0]!.lastError !== undefined)
  const [status] = await engine.replication.status()
  assert.deepEqual([status!.failed.versions, status!.waiting], [0, 2])
  isDown = false
  await settled(engine)
  assert.equal((await logs.head('c')).replicationStatus, 'completed')
})

test('however many versions the target refuses, the others do not wait for them', async () => {
  const target = new FakeTarget()
  target.before = (call, key) => {
    if (call === 'put' && key.startsWith('bad')) throw new ReplicationError('Refused', 'None of these.')
  }
  const { engine, logs } = await openReplicating(target)
  await using _ = engine
  await Promise.all(Array.from({ length: 300 }, (_, n) => logs.put(`bad${n}`, text('1'))))
  await logs.put('good', text('1'))
  await until(() => target.holds.includes('good=1'))
  const [status] = await engine.replication.status()
  assert.deepEqual([status!.isOnline, status!.waiting], [true, 300])
})

test('a target that refuses every third call for a key gets everything, in the order of each key', async () => {
  const target = new FakeTarget({ keepsVersionIds: false })
  const { engine, logs } = await openReplicating(target)
  await using _ = engine
  const calls = new Map<string, number>()
  target.before = (call, key) => {
    calls.set(key, (calls.get(key) ?? 0) + 1)
    if (call !== 'probe' && calls.get(key)! % 3 === 0) throw new ReplicationError('Refused', 'Not the third.')
  }
  await Promise.all(
    Array.from({ length: 20 }, async (_, key) => {
      for (let n = 0; n < 3; n++) await logs.put(`k${key}`, text(`${n}`))
    }),
  )
  await settled(engine)
  const of = (wanted: string) => [...target.versions.values()].filter(({ key }) => key === wanted)
  for (let key = 0; key < 20; key++)
    assert.deepEqual(
      of(`k${key}`).map(({ bytes }) => bytes),
      ['0', '1', '2'],
    )
  const [status] = await engine.replication.status()
  assert.deepEqual([status!.completed.versions, status!.failures], [60, 0])
  assert.ok(status!.failed.versions >= 20)
})

test('an answer that was lost has the version carried over again, and it is there once', async () => {
  const target = new FakeTarget()
  const { engine, logs } = await openReplicating(target)
  await using _ = engine
  let lost = 1
  target.after = (call) => {
    if (call === 'put' && lost-- > 0) throw new ReplicationError('Unreachable', 'The answer was lost.')
  }
  await logs.put('a', text('1'))
  await settled(engine)
  assert.deepEqual(target.holds, ['a=1'])
})

test('what was changed while a version was under way follows it', async () => {
  const target = new FakeTarget()
  const { engine, logs } = await openReplicating(target)
  await using _ = engine
  let changed = false
  target.after = async (call) => {
    if (call !== 'put' || changed) return
    changed = true
    await logs.setTags('a', { late: 'yes' })
  }
  await logs.put('a', text('1'))
  await settled(engine)
  assert.deepEqual(target.holds, ['a=1 late:yes'])
  assert.deepEqual(
    target.calls.filter((call) => !call.startsWith('probe')),
    ['put a', 'merge a'],
  )
})

test('a version that the target has lost is brought again when something is said of it', async () => {
  const target = new FakeTarget()
  const { engine, logs } = await openReplicating(target)
  await using _ = engine
  await logs.put('a', text('1'))
  await settled(engine)
  target.versions.clear()
  await logs.setTags('a', { kind: 'new' })
  await settled(engine)
  assert.deepEqual(target.holds, ['a=1 kind:new'])
})

test('a target of another kind gets versions in their order, and is told of them by its own ids', async () => {
  const target = new FakeTarget({ keepsVersionIds: false })
  const { engine, logs } = await openReplicating(target)
  await using _ = engine
  const ids: string[] = []
  for (const value of ['one', 'two', 'three']) ids.push((await logs.put('a', text(value))).versionId!)
  await settled(engine)
  assert.deepEqual(
    [...target.versions.values()].map(({ bytes }) => bytes),
    ['one', 'two', 'three'],
  )
  await logs.setTags('a', { kind: 'old' }, { versionId: ids[0]! })
  await logs.delete('a', { versionId: ids[1]! })
  await settled(engine)
  assert.deepEqual(target.holds, ['a=one kind:old', 'a=three'])
})

test('where ids are not kept, a version that was removed while it came is removed there at once', async () => {
  const target = new FakeTarget({ keepsVersionIds: false })
  const { engine, logs } = await openReplicating(target)
  await using _ = engine
  target.after = async (call) => {
    if (call === 'put')
      for await (const { info } of versionsOf(logs)) await logs.delete('a', { versionId: info.versionId })
  }
  await logs.put('a', text('1'))
  await settled(engine)
  assert.deepEqual(target.holds, [])
})

async function* versionsOf(bucket: Awaited<ReturnType<typeof openReplicating>>['logs']) {
  for await (const entry of bucket.listVersions()) if (entry.type === 'version') yield entry
}

test('what is under way at the close is begun again after the next open', async () => {
  const stores = await keptStores()
  const target = new FakeTarget()
  {
    const { engine, logs } = await openReplicating(target, { stores })
    target.before = (call, _key, signal) =>
      call === 'probe'
        ? undefined
        : new Promise((_, reject) => {
            signal.addEventListener('abort', () => reject(signal.reason))
          })
    for (let n = 0; n < 30; n++) await logs.put(`k${n}`, text('1'))
    await until(() => target.underWay > 0)
    await engine.close()
    assert.equal(target.underWay, 0)
    assert.equal(target.closed, 1)
  }
  await assertInvariants(stores)
  target.before = () => {}
  await using engine = await open(target, { stores })
  await settled(engine)
  assert.equal(target.versions.size, 30)
})

for (const keepsVersionIds of [true, false])
  test(`no more versions are under way than the target may have${keepsVersionIds ? '' : ', and of a key one at a time'}`, async () => {
    const target = new FakeTarget({ keepsVersionIds })
    const { engine, logs } = await openReplicating(target, { add: { concurrency: 4 } })
    await using _ = engine
    const underWay = new Map<string, number>()
    let most = 0
    target.before = async (call, key) => {
      if (call === 'probe') return
      underWay.set(key, (underWay.get(key) ?? 0) + 1)
      most = Math.max(most, underWay.get(key)!)
      await new Promise(setImmediate)
      underWay.set(key, underWay.get(key)! - 1)
    }
    await Promise.all(Array.from({ length: 200 }, (_, n) => logs.put(`k${n % 7}`, text(`${n}`))))
    await settled(engine)
    assert.ok(target.underWayMost <= 4, `${target.underWayMost}`)
    if (!keepsVersionIds) assert.equal(most, 1)
    assert.equal(target.versions.size, 200)
  })

test('where ids are kept, no version waits for another of its key that is refused', async () => {
  const target = new FakeTarget()
  const { engine, logs } = await openReplicating(target)
  await using _ = engine
  const { versionId } = await logs.put('a', text('locked there'))
  await settled(engine)
  target.before = (call) => {
    if (call === 'remove') throw new ReplicationError('Locked', 'It is locked.')
  }
  await logs.delete('a', { versionId: versionId! })
  await until(() => target.calls.includes('remove a'))
  await logs.put('a', text('another'))
  await until(() => target.holds.includes('a=another'))
})

test('where one version may be under way it is small or large by turns, and never one of each', async () => {
  const target = new FakeTarget()
  const { engine, logs } = await openReplicating(target, { add: { concurrency: 1 } })
  await using _ = engine
  let go = () => {}
  const held = new Promise<void>((resolve) => {
    go = resolve
  })
  target.before = (call) => (call === 'put' ? held : undefined)
  for (let n = 0; n < 10; n++) await logs.put(`small ${n}`, text('1'))
  await logs.put('large', Buffer.alloc(32 * 1024 ** 2))
  await until(() => target.underWay > 0)
  // Time enough for the other queue.
  for (let turns = 0; turns < 100; turns++) await new Promise(setImmediate)
  go()
  await settled(engine)
  assert.equal(target.underWayMost, 1)
  assert.equal(target.versions.size, 11)
  const large = target.calls.filter((call) => call !== 'probe ').indexOf('put large')
  assert.ok(large <= 2, `${target.calls}`)
})

test('no more bytes a second go to the target than it may have', async () => {
  const target = new FakeTarget()
  const { engine, logs } = await openReplicating(target, { add: { bandwidthLimit: 1_000_000 } })
  await using _ = engine
  const started = performance.now()
  await Promise.all(Array.from({ length: 10 }, (_, n) => logs.put(`k${n}`, Buffer.alloc(50_000, n))))
  await settled(engine)
  const took = performance.now() - started
  assert.equal(target.versions.size, 10)
  // 500,000 bytes, of which a quarter of a second's may go at once.
  assert.ok(took >= 240, `${took} ms`)
})

test('a version is not given up for the tries that restarts make', async () => {
  const stores = await keptStores()
  let tries = 0
  const target = new FakeTarget()
  target.before = (call) => {
    if (call !== 'put') return
    tries++
    throw new ReplicationError('Refused', 'Not now.')
  }
  const first = await openReplicating(target, { stores })
  await first.logs.put('a', text('1'))
  await until(() => tries === 1)
  await first.engine.close()
  for (let restarts = 1; restarts <= 55; restarts++) {
    await using engine = await open(target, { stores })
    const failures = async (): Promise<number> => (await engine.replication.status())[0]!.failures
    await until(async () => tries > restarts || (await failures()) > 0)
  }
  target.before = () => {}
  await using engine = await open(target, { stores })
  await settled(engine)
  assert.equal((await engine.replication.status())[0]!.failures, 0)
  assert.deepEqual(target.holds, ['a=1'])
})

test('what failed too often is listed, and carried over when it is driven again', async () => {
  const target = new FakeTarget()
  const clock = { ms: Date.now(), now: () => clock.ms, monotonic: () => performance.now() }
  const { engine, logs, arn } = await openReplicating(target, { clock })
  await using _ = engine
  target.before = (call) => {
    if (call === 'put') {
      clock.ms += 25 * 60 * 60 * 1_000
      throw new ReplicationError('Refused', 'Never.')
    }
  }
  const { versionId } = await logs.put('a', text('1'))
  await until(async () => (await engine.replication.status())[0]!.failures === 1)
  const failures: ReplicationFailure[] = []
  for await (const failure of engine.replication.failures()) failures.push(failure)
  assert.equal(failures.length, 1)
  const { id, ...failure } = failures[0]!
  assert.deepEqual(failure, { arn, bucket: 'logs', key: 'a', versionId, attempts: 2, error: 'Never.' })
  for await (const _ of engine.events.deadLetters()) assert.fail('it is no event')
  assert.equal(await engine.events.redrive(), 0)
  target.before = () => {}
  assert.equal(await engine.replication.redrive({ arn, id }), 1)
  await settled(engine)
  assert.deepEqual(target.holds, ['a=1'])
  assert.equal((await engine.replication.status())[0]!.failures, 0)
})
