import assert from 'node:assert/strict'
import { cp, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import test, { after } from 'node:test'
import { type KvStore, LevelKvStore } from '@aquifer/engine/stores'

/**
 * A store as the first format wrote it: rows 0 to 79 with payloads, every fifth written a second time, every seventh
 * deleted; two segments and an index. Every later version opens it, or rewrites it, and finds the same.
 */
const fixture = new URL('../test/fixtures/kv-format-1', import.meta.url).pathname

const root = await mkdtemp(join(tmpdir(), 'aquifer-format-'))
after(() => rm(root, { recursive: true, force: true }))

const key = (i: number) => Buffer.from(`row${String(i).padStart(2, '0')}`)

async function assertHoldsTheFixture(store: KvStore): Promise<void> {
  const { rows, more } = await store.scan({ from: Buffer.from('r'), to: Buffer.from('s'), limit: 200 })
  assert.equal(more, false)
  const wanted = Array.from({ length: 80 }, (_, i) => i).filter((i) => i % 7 !== 0)
  assert.equal(rows.length, wanted.length)
  for (const [n, i] of wanted.entries()) {
    const { revision, value, ...row } = rows[n]!
    const round = i % 5 === 0 ? 2 : 1
    assert.deepEqual(Buffer.from(row.key), key(i))
    assert.equal(Buffer.from(value).toString(), `value ${i} of round ${round}`)
    assert.equal(revision, round === 1 ? i + 1 : 81 + i / 5)
    const payload = await store.readPayload(key(i), revision)
    assert.deepEqual(Buffer.from(payload as Uint8Array), Buffer.alloc((i * 97) % 2_000, i + round))
  }
}

for (const withIndex of [true, false]) {
  test(`the first format opens, ${withIndex ? 'with its index' : 'its index made anew'}`, async () => {
    const directory = join(root, String(withIndex))
    await cp(fixture, directory, { recursive: true })
    if (!withIndex) await rm(join(directory, 'index'), { recursive: true })
    const store = await LevelKvStore.open({ directory, segmentBytes: 64 * 1024 })
    await assertHoldsTheFixture(store)
    assert.ok(
      (await store.commit({ checks: [], puts: [{ key: key(99), value: key(99) }], deletes: [] })).committed,
    )
    await store.close()
  })
}
