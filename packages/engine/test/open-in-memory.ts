import type { TestContext } from 'node:test'
import { type Bucket, Engine } from '@aquifer/engine'
import { MemoryBlobStore, MemoryKvStore } from '@aquifer/engine/stores'
import { assertInvariants } from '@aquifer/engine/testing'

/** An engine whose clock and stores the test holds, with a bucket `logs` in it. */
export async function openInMemory(t: TestContext) {
  const stores = { kv: MemoryKvStore.open(), blobs: await MemoryBlobStore.open() }
  let nowMs = Date.UTC(2026, 0, 1)
  const clock = { now: () => ++nowMs, monotonic: () => nowMs }
  const engine = await Engine.open({ stores, clock, background: false })
  t.after(() => engine.close())
  await engine.createBucket('logs')
  return {
    engine,
    kv: stores.kv,
    logs: engine.bucket('logs'),
    check: () => assertInvariants({ ...stores, reclaimedAtMs: nowMs }),
    wait: (ms: number) => {
      nowMs += ms
    },
    /** The family of each row that is there. */
    rows: async () =>
      (await stores.kv.scan({ from: Uint8Array.of(0), to: Uint8Array.of(255), limit: 10_000 })).rows.map(
        ({ key }) => String.fromCharCode(key[0]!),
      ),
    /** How many blobs there are. */
    blobs: async () => {
      let count = 0
      for await (const _ of stores.blobs.list()) count++
      return count
    },
  }
}

export async function readWhole(bucket: Bucket, key: string, options = {}): Promise<Buffer> {
  await using object = await bucket.get(key, options)
  return Buffer.from(await object.bytes())
}
