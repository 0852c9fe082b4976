import assert from 'node:assert/strict'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import test, { type TestContext } from 'node:test'
import { Engine, type Principal } from '@aquifer/engine'
import { MemoryBlobStore, MemoryKvStore } from '@aquifer/engine/stores'

const root: Principal = { kind: 'root', id: 'root', name: 'root', displayName: 'root' }
const anyone: Principal = { kind: 'anonymous', id: '', name: '', displayName: '' }
const object = 'arn:aws:s3:::bucket/key'

const policy = (Effect: 'Allow' | 'Deny', condition: object = {}): string =>
  JSON.stringify({
    Version: '2012-10-17',
    Statement: [{ Effect, Principal: '*', Action: 's3:GetObject', Resource: object, ...condition }],
  })

const may = async (engine: Engine, principal: Principal): Promise<boolean> =>
  (await engine.can(principal, 's3:GetObject', object)).allowed

async function onDisk(t: TestContext): Promise<Engine> {
  const directory = await mkdtemp(join(tmpdir(), 'aquifer-policies-'))
  t.after(() => rm(directory, { recursive: true, force: true }))
  return Engine.open({ directory, background: false })
}

test('root is answered at once where there is no policy, and by the policy from the moment there is one', async (t) => {
  await using engine = await onDisk(t)
  await engine.createBucket('bucket')
  const bucket = engine.bucket('bucket')
  await engine.can(root, 's3:GetObject', object)
  assert.deepEqual(engine.can(root, 's3:GetObject', object), { allowed: true, reason: 'root' })
  for (let again = 0; again < 3; again++) {
    await bucket.setConfiguration('policy', policy('Deny'))
    assert.equal(await may(engine, root), false)
    await bucket.setConfiguration('policy', policy('Allow'))
    assert.equal(await may(engine, root), true)
    assert.equal(await may(engine, anyone), true)
    await bucket.setConfiguration('policy', undefined)
    assert.equal(await may(engine, root), true)
    assert.equal(await may(engine, anyone), false)
  }
})

test('a bucket that was removed leaves no policy to the next of its name', async (t) => {
  await using engine = await onDisk(t)
  await engine.createBucket('bucket')
  await engine.bucket('bucket').setConfiguration('policy', policy('Deny'))
  assert.equal(await may(engine, root), false)
  await engine.bucket('bucket').remove()
  await engine.createBucket('bucket')
  assert.equal(await may(engine, root), true)
  await engine.bucket('bucket').setConfiguration('policy', policy('Deny'))
  assert.equal(await may(engine, root), false)
})

test('while policies change, nobody is answered by what was before a change that is done', async (t) => {
  await using engine = await onDisk(t)
  await engine.createBucket('bucket')
  const bucket = engine.bucket('bucket')
  for (let round = 0; round < 50; round++) {
    const asking = Array.from({ length: 8 }, () => may(engine, root))
    const denies = round % 2 === 0
    await bucket.setConfiguration('policy', denies ? policy('Deny') : undefined)
    assert.equal(await may(engine, root), !denies, `round ${round}`)
    await Promise.all(asking)
  }
})

test('of a store that others write to, too, nothing is remembered', async () => {
  const stores = { kv: await MemoryKvStore.open(), blobs: await MemoryBlobStore.open() }
  await using one = await Engine.open({ stores, background: false })
  await using other = await Engine.open({ stores, background: false })
  await one.createBucket('bucket')
  assert.equal(await may(one, root), true)
  await other.bucket('bucket').setConfiguration('policy', policy('Deny'))
  assert.equal(await may(one, root), false)
})

test('a bad policy changes nothing', async (t) => {
  await using engine = await onDisk(t)
  await engine.createBucket('bucket')
  assert.equal(await may(engine, root), true)
  await assert.rejects(engine.bucket('bucket').setConfiguration('policy', '{'), { code: 'MalformedPolicy' })
  assert.equal(await may(engine, root), true)
  assert.ok(!(engine.can(root, 's3:GetObject', object) instanceof Promise))
})

test('what a condition asks for is found out before it is decided, and only then', async () => {
  await using engine = await Engine.open({ background: false })
  await engine.createBucket('bucket')
  const prepared: string[][] = []
  const tags = new Map<string, readonly string[]>()
  const context = {
    get: (key: string) => tags.get(key),
    async prepare(keys: ReadonlySet<string>): Promise<void> {
      prepared.push([...keys])
      tags.set('s3:existingobjecttag/Open', ['yes'])
    },
  }
  assert.equal((await engine.can(anyone, 's3:GetObject', object, context)).allowed, false)
  assert.deepEqual(prepared, [])
  const condition = { Condition: { StringEquals: { 's3:ExistingObjectTag/Open': 'yes' } } }
  await engine.bucket('bucket').setConfiguration('policy', policy('Allow', condition))
  assert.equal((await engine.can(anyone, 's3:GetObject', object, context)).allowed, true)
  assert.deepEqual(prepared, [['s3:existingobjecttag/Open']])
})
