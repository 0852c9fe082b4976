import assert from 'node:assert/strict'
import fc from 'fast-check'
import type { BlobId, BlobStore, BlobStretch } from '../blobs/blobs.js'
import { type EngineErrorCode, isEngineError, storageUnavailable } from '../errors.js'

export interface BlobStoreSuiteOptions {
  /** The runner: `node:test`'s `test`, or anything of its shape. */
  test(name: string, body: () => Promise<void>): unknown
  /** A new, empty store. The suite closes it. */
  factory(): BlobStore | Promise<BlobStore>
  /** Closes the store and opens the same blobs again. Left out by stores that forget. */
  reopen?(store: BlobStore): BlobStore | Promise<BlobStore>
}

const KIB = 1024
const MIB = 1024 * KIB
/** Around the borders where a store may change its ways: blocks of 64 KiB, calls of 1 MiB. */
const SIZES = [0, 1, 64 * KIB - 1, 64 * KIB, 64 * KIB + 1, MIB - 72, MIB - 1, MIB, MIB + 1, 3 * MIB + 12_345]

/** What every {@link BlobStore} promises, as tests. They write some 60 MiB altogether. */
export function blobStoreSuite({ test, factory, reopen }: BlobStoreSuiteOptions): void {
  const promise = (name: string, body: (store: BlobStore) => Promise<void>) =>
    test(name, async () => {
      const store = await factory()
      try {
        await body(store)
      } finally {
        await store.close()
      }
    })

  promise('what was written is read back, whatever the size of the blob and of its chunks', async (store) => {
    let id = 0
    for (const sizeBytes of SIZES) {
      for (const chunkBytes of [1_000, 64 * KIB, 100_001, 8 * MIB]) {
        id++
        assert.equal(await write(store, id, content(id, sizeBytes), chunkBytes), sizeBytes)
        assert.deepEqual(await read(store, id, { offset: 0, length: sizeBytes }), content(id, sizeBytes))
        await store.verify(id)
      }
    }
  })

  promise('any stretch gives exactly its bytes', async (store) => {
    const whole = content(7, 2 * MIB + 70_001)
    await write(store, 7, whole)
    const near = fc.oneof(
      fc.nat(whole.byteLength),
      fc.nat(Math.floor(whole.byteLength / (64 * KIB))).map((block) => block * 64 * KIB),
    )
    await fc.assert(
      fc.asyncProperty(near, near, async (one, other) => {
        const [offset, end] = one < other ? [one, other] : [other, one]
        const stretch = { offset, length: end - offset }
        assert.deepEqual(await read(store, 7, stretch), whole.subarray(offset, end))
      }),
      { numRuns: 60 },
    )
  })

  promise('a chunk is only borrowed: its buffer may be used again at once', async (store) => {
    const writer = await store.create(1)
    const chunk = new Uint8Array(50_000)
    for (let n = 1; n <= 50; n++) await writer.write(chunk.fill(n))
    await writer.finish()
    const found = await read(store, 1, { offset: 0, length: 2_500_000 })
    for (let n = 1; n <= 50; n++) {
      assert.ok(found.subarray((n - 1) * 50_000, n * 50_000).every((byte) => byte === n))
    }
  })

  promise('a tap sees every byte once, in order, before the blob is finished', async (store) => {
    const chunk = content(9, 300_000)
    for (const [id, chunks] of [
      [1, 0],
      [2, 1],
      [3, 20],
    ] as const) {
      let seenBytes = 0
      const tap = async (bytes: Uint8Array) => {
        for (let at = 0; at < bytes.byteLength; at += 997)
          assert.equal(bytes[at], chunk[(seenBytes + at) % chunk.byteLength])
        await new Promise((resolve) => setImmediate(resolve))
        seenBytes += bytes.byteLength
      }
      const writer = await store.create(id, { tap })
      for (let n = 0; n < chunks; n++) await writer.write(chunk)
      await writer.finish()
      assert.equal(seenBytes, chunks * chunk.byteLength)
    }
  })

  promise('a tap that fails fails the write, and the blob can be aborted', async (store) => {
    const tap = async () => {
      throw storageUnavailable('absent', 'The tap has failed.', undefined)
    }
    const writer = await store.create(1, { tap })
    await failsWith('StorageUnavailable', async () => {
      for (let n = 0; n < 30; n++) await writer.write(content(1, 100_000))
      await writer.finish()
    })
    await writer.abort()
    assert.deepEqual(await listed(store), [])
  })

  promise('a chunk that was read belongs to the reader', async (store) => {
    await write(store, 1, content(1, 200_000))
    for await (const chunk of store.read(1, { offset: 0, length: 200_000 })) chunk.fill(0)
    assert.deepEqual(await read(store, 1, { offset: 0, length: 200_000 }), content(1, 200_000))
  })

  promise('what is missing or shorter than asked for is corrupt, never short', async (store) => {
    await write(store, 1, content(1, 100_000))
    await failsWith('CorruptBlob', () => read(store, 2, { offset: 0, length: 1 }))
    await failsWith('CorruptBlob', () => store.verify(2))
    await failsWith('CorruptBlob', () => read(store, 1, { offset: 0, length: 100_001 }))
    await failsWith('CorruptBlob', () => read(store, 1, { offset: 100_000, length: 1 }))
    await failsWith('CorruptBlob', () => read(store, 1, { offset: 5_000_000, length: 10 }))
    assert.equal((await read(store, 1, { offset: 100_000, length: 0 })).byteLength, 0)
  })

  promise('an unfinished blob cannot be read', async (store) => {
    const writer = await store.create(1)
    await writer.write(content(1, 300_000))
    await failsWith('CorruptBlob', () => read(store, 1, { offset: 0, length: 10 }))
    await writer.finish()
    assert.deepEqual(await read(store, 1, { offset: 0, length: 10 }), content(1, 10))
  })

  promise('an aborted blob leaves nothing behind', async (store) => {
    for (const [at, sizeBytes] of [0, 10, 3 * MIB].entries()) {
      const writer = await store.create(at + 1)
      await writer.write(content(1, sizeBytes))
      await writer.abort()
      await writer.abort()
      await assert.rejects(writer.write(new Uint8Array(1)))
      await assert.rejects(writer.finish())
    }
    assert.deepEqual(await listed(store), [])
  })

  promise('a finished blob takes no more, and no abort', async (store) => {
    const writer = await store.create(1)
    await writer.write(content(1, 1_000))
    await writer.finish()
    await assert.rejects(writer.write(new Uint8Array(1)))
    await assert.rejects(writer.finish())
    await writer.abort()
    assert.deepEqual(await read(store, 1, { offset: 0, length: 1_000 }), content(1, 1_000))
  })

  promise('an id is written once', async (store) => {
    await write(store, 1, content(1, 1_000))
    await failsWith('StorageUnavailable', () => store.create(1))
    assert.deepEqual(await read(store, 1, { offset: 0, length: 1_000 }), content(1, 1_000))
  })

  promise('removed blobs are gone, the others stay, and an id that is not there is fine', async (store) => {
    const ids = [1, 2, 3, 255, 256, 257, 70_000, Number.MAX_SAFE_INTEGER]
    for (const id of ids) await write(store, id, content(id, 500))
    assert.deepEqual(await listed(store), ids)
    await store.remove([2, 256, 9_999_999])
    await store.remove([2])
    await store.remove([])
    const left = ids.filter((id) => id !== 2 && id !== 256)
    assert.deepEqual(await listed(store), left)
    await failsWith('CorruptBlob', () => read(store, 2, { offset: 0, length: 1 }))
    for (const id of left) {
      assert.deepEqual(await read(store, id, { offset: 0, length: 500 }), content(id, 500))
    }
  })

  promise('many writers and readers at once do not mix their bytes', async (store) => {
    const ids = Array.from({ length: 40 }, (_, n) => n + 1)
    await Promise.all(ids.map((id) => write(store, id, content(id, id * 20_000), 30_000)))
    await Promise.all(
      ids.map(async (id) => {
        assert.deepEqual(await read(store, id, { offset: 0, length: id * 20_000 }), content(id, id * 20_000))
      }),
    )
  })

  promise('who leaves early leaves nothing open', async (store) => {
    await write(store, 1, content(1, 5 * MIB))
    for (let n = 0; n < 50; n++) {
      for await (const chunk of store.read(1, { offset: 0, length: 5 * MIB })) {
        assert.ok(chunk.byteLength > 0)
        break
      }
    }
    await store.remove([1])
    assert.deepEqual(await listed(store), [])
  })

  promise('many read one blob at once, each at its own pace', async (store) => {
    const whole = content(3, 2 * MIB + 1)
    await write(store, 3, whole)
    const readers = Array.from({ length: 8 }, (_, n) => {
      const offset = n * 99_991
      return { at: offset, bytes: store.read(3, { offset, length: whole.byteLength - offset }) }
    })
    for (let round = 0; readers.length > 0; round++) {
      const place = round % readers.length
      const reader = readers[place]!
      const { value, done } = await reader.bytes.next()
      if (done === true) {
        assert.equal(reader.at, whole.byteLength)
        readers.splice(place, 1)
        continue
      }
      assert.deepEqual(value, whole.subarray(reader.at, reader.at + value.byteLength))
      reader.at += value.byteLength
    }
  })

  promise('a blob that is removed while it is read gives its own bytes or none', async (store) => {
    const whole = content(4, 5 * MIB)
    await write(store, 4, whole)
    const reading = store.read(4, { offset: 0, length: whole.byteLength })
    let at = (await reading.next()).value?.byteLength ?? 0
    await store.remove([4])
    await write(store, 5, content(5, 5 * MIB))
    try {
      for await (const chunk of reading) {
        assert.deepEqual(chunk, whole.subarray(at, at + chunk.byteLength))
        at += chunk.byteLength
      }
      assert.equal(at, whole.byteLength)
    } catch (error) {
      assert.ok(isEngineError(error, 'CorruptBlob'), `expected CorruptBlob, not ${error}`)
    }
  })

  promise('a signal stops a read', async (store) => {
    await write(store, 1, content(1, 5 * MIB))
    const abort = new AbortController()
    const reading = async () => {
      const stretch = { offset: 0, length: 5 * MIB }
      for await (const _chunk of store.read(1, stretch, { signal: abort.signal })) abort.abort()
    }
    await assert.rejects(reading(), { name: 'AbortError' })
    await assert.rejects(store.verify(1, { signal: abort.signal }), { name: 'AbortError' })
  })

  promise('what is no id and no stretch is refused', async (store) => {
    for (const id of [0, -1, 1.5, Number.NaN, 2 ** 53]) {
      await assert.rejects(store.create(id), RangeError)
      await assert.rejects(read(store, id, { offset: 0, length: 1 }), RangeError)
      await assert.rejects(store.remove([id]), RangeError)
      await assert.rejects(store.verify(id), RangeError)
    }
    await write(store, 1, content(1, 100))
    for (const stretch of [
      { offset: -1, length: 2 },
      { offset: 0, length: -1 },
      { offset: 0.5, length: 1 },
      { offset: Number.MAX_SAFE_INTEGER, length: 1 },
    ]) {
      await assert.rejects(read(store, 1, stretch), RangeError)
    }
  })

  promise('closed is closed, for what is under way too', async (store) => {
    await write(store, 1, content(1, 5 * MIB))
    const writer = await store.create(2)
    await writer.write(content(2, 2 * MIB))
    const reading = store.read(1, { offset: 0, length: 5 * MIB })
    await reading.next()
    await store.close()
    await store.close()
    await failsWith('EngineClosed', () => writer.write(new Uint8Array(1)))
    await failsWith('EngineClosed', () => writer.finish())
    await failsWith('EngineClosed', () => reading.next())
    await failsWith('EngineClosed', () => store.create(3))
    await failsWith('EngineClosed', () => read(store, 1, { offset: 0, length: 1 }))
    await failsWith('EngineClosed', () => store.remove([1]))
    await failsWith('EngineClosed', () => listed(store))
    await failsWith('EngineClosed', () => store.verify(1))
  })

  if (reopen === undefined) return

  test('reopening finds what was finished, and not what was aborted or removed', async () => {
    let store = await factory()
    try {
      for (const id of [1, 2, 300]) await write(store, id, content(id, 100_000))
      await (await store.create(4)).abort()
      await store.remove([2])
      store = await reopen(store)
      assert.deepEqual(await listed(store), [1, 300])
      for (const id of [1, 300]) {
        assert.deepEqual(await read(store, id, { offset: 0, length: 100_000 }), content(id, 100_000))
      }
      await write(store, 5, content(5, 10))
    } finally {
      await store.close()
    }
  })
}

/** Bytes that differ from block to block and from seed to seed. */
function content(seed: number, sizeBytes: number): Uint8Array {
  const bytes = new Uint8Array(sizeBytes)
  let state = seed ^ 0x9e3779b9
  for (let at = 0; at < sizeBytes; at++) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) | 0
    bytes[at] = state >>> 24
  }
  return bytes
}

async function write(
  store: BlobStore,
  id: BlobId,
  bytes: Uint8Array,
  chunkBytes = 64 * KIB,
): Promise<number> {
  const writer = await store.create(id)
  for (let at = 0; at < bytes.byteLength; at += chunkBytes)
    await writer.write(bytes.subarray(at, at + chunkBytes))
  return (await writer.finish()).sizeBytes
}

async function read(store: BlobStore, id: BlobId, stretch: BlobStretch): Promise<Uint8Array> {
  const bytes = new Uint8Array(stretch.length)
  let filled = 0
  for await (const chunk of store.read(id, stretch)) {
    assert.ok(filled + chunk.byteLength <= stretch.length, 'more bytes than asked for')
    bytes.set(chunk, filled)
    filled += chunk.byteLength
  }
  assert.equal(filled, stretch.length)
  return bytes
}

async function listed(store: BlobStore): Promise<BlobId[]> {
  const ids: BlobId[] = []
  for await (const id of store.list()) ids.push(id)
  return ids.sort((a, b) => a - b)
}

async function failsWith(code: EngineErrorCode, attempt: () => Promise<unknown>): Promise<void> {
  await assert.rejects(attempt, (error: unknown) => {
    assert.ok(isEngineError(error, code), `expected ${code}, not ${error}`)
    return true
  })
}
