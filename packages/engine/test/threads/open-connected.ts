import type { TestContext } from 'node:test'
import { MessageChannel } from 'node:worker_threads'
import { Engine } from '@aquifer/engine'
import { type BlobStore, MemoryBlobStore, MemoryKvStore } from '@aquifer/engine/stores'
import { assertInvariants } from '@aquifer/engine/testing'
import { connectEngine, serveEngine } from '@aquifer/engine/threads'

/** An engine in memory, what stands for it at the other end of a port, and a bucket `logs` that both see. */
export async function openConnected(
  t: TestContext,
  wrap: (blobs: BlobStore) => Partial<BlobStore> = () => ({}),
) {
  const stores = { kv: MemoryKvStore.open(), blobs: await MemoryBlobStore.open() }
  // Of a store that others write to, policies are looked up each time.
  Object.defineProperty(stores.kv, 'isExclusive', { value: true })
  const own = wrap(stores.blobs)
  const blobs = new Proxy(stores.blobs as BlobStore, {
    get(target, name) {
      const found = name in own ? own[name as keyof BlobStore] : target[name as keyof BlobStore]
      return found?.bind(target)
    },
  })
  const engine = await Engine.open({
    stores: { kv: stores.kv, blobs },
    sealingKey: Buffer.alloc(32, 7),
    background: false,
  })
  await engine.createBucket('logs')
  const { port1, port2 } = new MessageChannel()
  const service = serveEngine(engine, port1)
  const connected = await connectEngine(port2)
  t.after(async () => {
    await connected.close({ signal: AbortSignal.abort() })
    await service.close()
    await engine.close()
  })
  return {
    engine,
    connected,
    service,
    logs: connected.bucket('logs'),
    /** How many blobs there are. */
    async blobs(): Promise<number> {
      let count = 0
      for await (const _ of stores.blobs.list()) count++
      return count
    },
    check: () => assertInvariants({ ...stores, reclaimedAtMs: Date.now() }),
  }
}

/** Bytes of which no two stretches are alike. */
export function bytesOf(sizeBytes: number): Buffer {
  const bytes = Buffer.alloc(sizeBytes)
  for (let at = 0; at + 4 <= sizeBytes; at += 4) bytes.writeUInt32LE((at * 2_654_435_761) >>> 0, at)
  return bytes
}

export async function* inPieces(bytes: Uint8Array, pieceBytes: number): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.byteLength; at += pieceBytes) yield bytes.subarray(at, at + pieceBytes)
}

export async function all<T>(source: AsyncIterable<T>): Promise<T[]> {
  const found: T[] = []
  for await (const one of source) found.push(one)
  return found
}
