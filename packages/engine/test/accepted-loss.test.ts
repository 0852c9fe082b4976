import assert from 'node:assert/strict'
import { mkdtemp, open, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import test, { type TestContext } from 'node:test'
import { Engine, isEngineError, rebuildIndex } from '@aquifer/engine'
import { LevelKvStore } from '@aquifer/engine/stores'

/** In a blob of its own. */
const bytesOf = (name: string) => Buffer.alloc(200_000, `${name} `)

async function newStore(t: TestContext): Promise<{ directory: string; engine: Engine }> {
  const directory = await mkdtemp(join(tmpdir(), 'aquifer-loss-'))
  t.after(() => rm(directory, { recursive: true, force: true }))
  const engine = await Engine.open({ directory, background: false })
  await engine.createBucket('box')
  return { directory, engine }
}

async function expectBytes(engine: Engine, key: string): Promise<void> {
  await using object = await engine.bucket('box').get(key)
  assert.deepEqual(Buffer.from(await object.bytes()), bytesOf('first'))
}

const blobsIn = async (directory: string) =>
  (await readdir(join(directory, 'blobs'), { recursive: true })).filter((name) => name.includes('/')).sort()

/** Overwrites the first record that names this, so that the frame it stands in is lost. */
async function damageFirst(directory: string, name: string): Promise<void> {
  await using file = await open(join(directory, 'journal', '0000000001.segment'), 'r+')
  const at = (await file.readFile()).indexOf(name)
  assert.notEqual(at, -1)
  await file.write(Buffer.alloc(4, 0xee), 0, 4, at)
}

test('blobs that a row still names survive the loss of the row that said that they are in use', async (t) => {
  const { directory, engine } = await newStore(t)
  await engine.bucket('box').put('original', bytesOf('first'))
  await engine.bucket('box').copy({ key: 'original' }, 'copy')
  await engine.close()
  await damageFirst(directory, 'original')
  await rm(join(directory, 'index'), { recursive: true })
  await assert.rejects(Engine.open({ directory }), (error) => isEngineError(error, 'StoreDamaged'))
  await rebuildIndex({ directory, acceptLoss: () => {} })

  for (let opening = 0; opening < 2; opening++) {
    const opened = await Engine.open({ directory, background: false })
    await expectBytes(opened, 'copy')
    // What says that the body is free may be what came back.
    await opened.bucket('box').delete('original')
    await opened.reclaim()
    await expectBytes(opened, 'copy')
    await opened.close()
  }
})

test('ids of blobs are not given again where the rows that counted them are lost', async (t) => {
  const { directory, engine } = await newStore(t)
  await engine.bucket('box').put('original', bytesOf('first'))
  await engine.close()
  const before = await blobsIn(directory)
  await rm(join(directory, 'journal'), { recursive: true })
  await assert.rejects(Engine.open({ directory }), (error) => isEngineError(error, 'StoreDamaged'))
  await (await LevelKvStore.open({ directory, acceptLoss: () => {} })).close()

  const opened = await Engine.open({ directory, background: false })
  await opened.createBucket('box')
  await opened.bucket('box').put('another', bytesOf('first'))
  await opened.bucket('box').delete('another')
  await opened.reclaim()
  await opened.bucket('box').put('kept', bytesOf('first'))
  const after = await blobsIn(directory)
  assert.deepEqual(
    after.filter((name) => before.includes(name)),
    before,
  )
  assert.equal(after.length, before.length + 1, 'what is written since is freed as ever')
  await opened.close()
  const again = await Engine.open({ directory, background: false })
  await expectBytes(again, 'kept')
  await again.close()
})

test('a store that lost nothing keeps no note of a loss that would have been accepted', async (t) => {
  const { directory, engine } = await newStore(t)
  await engine.close()
  await rebuildIndex({ directory, acceptLoss: () => assert.fail('nothing is lost') })
  await (await LevelKvStore.open({ directory, acceptLoss: () => assert.fail('nothing is lost') })).close()
  assert.ok(!(await readdir(directory)).includes('loss'))
})
