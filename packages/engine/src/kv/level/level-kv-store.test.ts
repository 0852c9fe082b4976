import assert from 'node:assert/strict'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import test, { after } from 'node:test'
import { isEngineError } from '../../errors.js'
import { kvStoreSuite } from '../../testing/kv-store-suite.js'
import type { KvStore } from '../kv.js'
import { LevelKvStore } from './level-kv-store.js'

const root = await mkdtemp(join(tmpdir(), 'aquifer-kv-'))
after(() => rm(root, { recursive: true, force: true }))
let stores = 0
const newDirectory = () => join(root, String(++stores))

test.describe('the LevelDB store', () => {
  const directories = new WeakMap<KvStore, string>()
  const open = async (directory: string) => {
    const store = await LevelKvStore.open({ directory, segmentBytes: 1024 * 1024 })
    directories.set(store, directory)
    return store
  }
  kvStoreSuite({
    test,
    factory: () => open(newDirectory()),
    async reopen(store) {
      await store.close()
      return open(directories.get(store)!)
    },
  })
})

test('a second owner is refused at once, and told who holds the directory', async () => {
  const directory = newDirectory()
  const store = await LevelKvStore.open({ directory })
  const refused = (error: unknown) =>
    isEngineError(error, 'EngineLocked') && error.message.includes(`process ${process.pid}`)
  await assert.rejects(LevelKvStore.open({ directory }), refused)
  await store.close()
  await (await LevelKvStore.open({ directory })).close()
})

test('a damaged lock is made anew, and one that somebody has is not', async () => {
  const directory = newDirectory()
  const damage = () => writeFile(join(directory, 'owner', 'CURRENT'), 'nonsense')
  await (await LevelKvStore.open({ directory })).close()
  await damage()
  const store = await LevelKvStore.open({ directory })
  await damage()
  await assert.rejects(LevelKvStore.open({ directory }), (error) => isEngineError(error, 'EngineLocked'))
  await store.close()
  await (await LevelKvStore.open({ directory })).close()
})

test('text is given behind a prefix that is ASCII, and pages are whole however large their values are', async () => {
  const store = await LevelKvStore.open({ directory: newDirectory() })
  const value = Buffer.alloc(30_000, 'v')
  for (const prefix of ['plain', 'bin\u00e4r'].map((each) => Buffer.from(each, 'latin1'))) {
    const keys = Array.from({ length: 100 }, (_, n) => Buffer.concat([prefix, Buffer.from(`/ö${100 + n}`)]))
    for (let at = 0; at < keys.length; at += 25)
      await store.commit({
        checks: [],
        deletes: [],
        puts: keys.slice(at, at + 25).map((key) => ({ key, value })),
      })
    const to = Buffer.concat([prefix, Uint8Array.of(0xff)])
    const page = await store.scan({ from: prefix, to, limit: 1_000, textAfterBytes: prefix.byteLength })
    assert.equal(page.more, false)
    assert.deepEqual(
      page.rows.map(({ key }) => Buffer.from(key)),
      keys,
    )
    const texts = keys.map((key) => key.toString('utf8', prefix.byteLength))
    assert.deepEqual(
      page.rows.map(({ text }) => text),
      prefix.toString('latin1') === 'plain' ? texts : texts.map(() => undefined),
    )
  }
  await store.close()
})

test('whoever has an answer finds what he wrote, however often its key was looked up meanwhile', async () => {
  const store = await LevelKvStore.open({ directory: newDirectory() })
  const keys = Array.from({ length: 4 }, (_, n) => Buffer.from(`key ${n}`))
  let isOver = false
  const look = async () => {
    for (let turn = 0; !isOver; turn++) {
      store.get(keys[turn % keys.length]!)
      // Now between microtasks, now between turns of the loop: a look-up comes at every moment of a commit.
      await (turn % 64 === 0 ? new Promise(setImmediate) : undefined)
    }
  }
  const write = async (key: Buffer) => {
    for (let turn = 0; turn < 100; turn++) {
      const isDelete = turn % 3 === 2
      const rows = isDelete ? { puts: [], deletes: [key] } : { puts: [{ key, value: key }], deletes: [] }
      const outcome = await store.commit({ checks: [], ...rows })
      assert.ok(outcome.committed)
      assert.equal(store.get(key)?.revision, isDelete ? undefined : outcome.revision)
    }
  }
  const looking = look()
  await Promise.all(keys.map(write))
  isOver = true
  await looking
  await store.close()
})
