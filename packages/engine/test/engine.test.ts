import assert from 'node:assert/strict'
import { createHash, randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import test, { describe } from 'node:test'
import { type Bucket, Engine, type GetOptions, isEngineError } from '@aquifer/engine'

const MiB = 1024 * 1024
const md5 = (bytes: Uint8Array) => createHash('md5').update(bytes).digest('hex')
const code = (expected: string) => (error: unknown) => isEngineError(error) && error.code === expected

async function keysOf(bucket: Bucket, options = {}): Promise<string[]> {
  const keys: string[] = []
  for await (const entry of bucket.list(options))
    keys.push(entry.type === 'object' ? entry.info.key : entry.prefix)
  return keys
}

async function bytesOf(bucket: Bucket, key: string, options = {}): Promise<Uint8Array> {
  await using object = await bucket.get(key, options)
  return await object.bytes()
}

/** Says no more than that they differ: a diff of megabytes takes minutes. */
function assertSame(actual: Uint8Array, expected: Uint8Array): void {
  assert.equal(actual.byteLength, expected.byteLength)
  assert.ok(Buffer.compare(actual, expected) === 0, 'the bytes differ')
}

interface Place {
  open(): Promise<Engine>
  remove(): Promise<void>
  /** Names of the blob files there are; undefined where there is no directory to look into. */
  blobFiles?(): Promise<string[]>
  /** Flips a bit in the middle of a blob file. */
  damage?(file: string): Promise<void>
  survives: boolean
}

async function onDisk(): Promise<Place> {
  const directory = await mkdtemp(join(tmpdir(), 'aquifer-engine-'))
  return {
    survives: true,
    open: () => Engine.open({ directory, background: false }),
    remove: () => rm(directory, { recursive: true }),
    async blobFiles() {
      const found = await readdir(join(directory, 'blobs'), { recursive: true, withFileTypes: true })
      return found.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name))
    },
    async damage(file) {
      const bytes = await readFile(file)
      bytes[bytes.byteLength >> 1]! ^= 1
      await writeFile(file, bytes)
    },
  }
}

const inMemory = async (): Promise<Place> => ({
  survives: false,
  open: () => Engine.open({ background: false }),
  remove: async () => {},
})

for (const [name, make] of [
  ['in memory', inMemory],
  ['on disk', onDisk],
] as const) {
  describe(`an engine ${name}`, () => {
    const place = async () => {
      const made = await make()
      const engine = await made.open()
      await engine.createBucket('photos')
      return { ...made, engine, photos: engine.bucket('photos') }
    }
    const withPlace = (title: string, body: (at: Awaited<ReturnType<typeof place>>) => Promise<void>) =>
      test(title, async () => {
        const at = await place()
        try {
          await body(at)
        } finally {
          await at.engine.close()
          await at.remove()
        }
      })

    for (const [size, bytes] of [
      ['no bytes', new Uint8Array(0)],
      ['a small body', randomBytes(1_000)],
      ['a body in a blob', randomBytes(3 * MiB + 17)],
    ] as const) {
      withPlace(`gives back ${size} byte for byte, whole and in ranges`, async ({ photos }) => {
        const info = await photos.put('a', Readable.from(chunksOf(bytes)), {
          contentType: 'image/x',
          metadata: { k: 'ü' },
        })
        assert.equal(info.etag, md5(bytes))
        assert.equal(info.sizeBytes, bytes.byteLength)
        assertSame(await bytesOf(photos, 'a'), Buffer.from(bytes))
        const head = await photos.head('a')
        assert.equal(head.contentType, 'image/x')
        assert.deepEqual({ ...head.metadata }, { k: 'ü' })
        if (bytes.byteLength === 0) return
        const range = { offset: 100, length: 500 }
        assertSame(await bytesOf(photos, 'a', { range }), Buffer.from(bytes.subarray(100, 600)))
        const suffix = await bytesOf(photos, 'a', { range: { suffix: 10 } })
        assert.deepEqual(Buffer.from(suffix), Buffer.from(bytes.subarray(bytes.byteLength - 10)))
        await assert.rejects(photos.get('a', { range: { offset: bytes.byteLength } }), code('InvalidRange'))
      })
    }

    withPlace('lists in UTF-8 byte order, rolled up by a delimiter, page by page', async ({ photos }) => {
      const keys = ['a/1', 'a/2', 'b', 'c/d/e', 'c/f', '\u{10000}', '\uFFFD', 'z']
      for (const key of keys) await photos.put(key, Buffer.from(key))
      const sorted = [...keys].sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)))
      assert.deepEqual(await keysOf(photos), sorted)
      assert.deepEqual(await keysOf(photos, { delimiter: '/' }), [
        'a/',
        'b',
        'c/',
        'z',
        '\uFFFD',
        '\u{10000}',
      ])
      assert.deepEqual(await keysOf(photos, { delimiter: '/', startAfter: 'a/' }), [
        'b',
        'c/',
        'z',
        '\uFFFD',
        '\u{10000}',
      ])
      assert.deepEqual(await keysOf(photos, { prefix: 'c/', delimiter: '/' }), ['c/d/', 'c/f'])
      assert.deepEqual(await keysOf(photos, { startAfter: 'b' }), sorted.slice(3))
      const first = await photos.list({ limit: 2, delimiter: '/' }).page()
      assert.deepEqual(first.next, { startAfter: 'b' })
      const all = await photos.list({ limit: 8 }).page()
      assert.equal(all.next, undefined, 'a page that holds all says that nothing follows')
    })

    withPlace('of many writers that want to be first, exactly one is', async ({ photos }) => {
      const tries = await Promise.allSettled(
        Array.from({ length: 20 }, (_, n) => photos.put('a', Buffer.from(`${n}`), { ifNoneMatch: '*' })),
      )
      assert.equal(tries.filter(({ status }) => status === 'fulfilled').length, 1)
    })

    withPlace('frees the bytes of what was overwritten or deleted', async ({ photos, engine, blobFiles }) => {
      if (blobFiles === undefined) return
      for (let n = 0; n < 3; n++) await photos.put('a', randomBytes(MiB))
      await photos.put('b', randomBytes(MiB))
      await photos.delete('b')
      await engine.reclaim()
      assert.equal((await blobFiles()).length, 1)
    })

    withPlace(
      'a copy shares the bytes, and they stay until both are gone',
      async ({ photos, engine, blobFiles }) => {
        const bytes = randomBytes(2 * MiB)
        await photos.put('a', bytes)
        await photos.copy({ key: 'a' }, 'b')
        await photos.copy({ key: 'b' }, 'c', { replace: { contentType: 'text/plain' } })
        if (blobFiles) assert.equal((await blobFiles()).length, 1)
        await photos.delete('a')
        await photos.put('b', Buffer.from('other'))
        await engine.reclaim()
        assertSame(await bytesOf(photos, 'c'), bytes)
        assert.equal((await photos.head('c')).contentType, 'text/plain')
        await photos.delete('c')
        await engine.reclaim()
        if (blobFiles) assert.equal((await blobFiles()).length, 0)
      },
    )

    withPlace(
      'a reader keeps what it opened although it is overwritten and reclaimed',
      async ({ photos, engine }) => {
        const bytes = randomBytes(3 * MiB)
        await photos.put('a', bytes)
        await using opened = await photos.get('a')
        await photos.put('a', Buffer.from('new'))
        await engine.reclaim()
        assertSame(await opened.bytes(), bytes)
      },
    )

    withPlace(
      'an object closed while it is read gives its bytes or says so, never others',
      async ({ photos }) => {
        const bytes = randomBytes(3 * MiB)
        await photos.put('a', bytes)
        const opened = await photos.get('a')
        const [read] = await Promise.allSettled([opened.bytes(), opened.close()])
        if (read.status === 'fulfilled') assertSame(read.value, bytes)
        else assert.equal(read.reason.name, 'AbortError')
      },
    )

    withPlace(
      'makes one object of parts without moving their bytes',
      async ({ photos, engine, blobFiles }) => {
        const parts = [randomBytes(5 * MiB), randomBytes(6 * MiB), randomBytes(100)]
        const upload = await photos.createUpload('big', { contentType: 'video/x' })
        const sent = []
        for (const [at, bytes] of parts.entries()) sent.push(await upload.putPart(at + 1, bytes))
        const again = await upload.putPart(2, parts[1]!)
        assert.equal(again.etag, sent[1]!.etag)
        const info = await upload.complete(sent)
        const whole = Buffer.concat(parts)
        const etag = md5(Buffer.concat(parts.map((part) => createHash('md5').update(part).digest())))
        assert.equal(info.etag, `${etag}-3`)
        assertSame(await bytesOf(photos, 'big'), whole)
        assertSame(await bytesOf(photos, 'big', { partNumber: 2 }), parts[1])
        assert.deepEqual(
          await upload.complete(sent).then(({ etag }) => etag),
          info.etag,
          'asking again gives the same',
        )
        await engine.reclaim()
        if (blobFiles) assert.equal((await blobFiles()).length, 3)
        await photos.delete('big')
        await engine.reclaim()
        if (blobFiles) assert.equal((await blobFiles()).length, 0)
      },
    )

    withPlace(
      'an object of more parts than a record holds keeps their order',
      async ({ photos, engine, blobFiles }) => {
        await photos.put('source', randomBytes(6 * MiB))
        const source = await bytesOf(photos, 'source')
        const upload = await photos.createUpload('long')
        const sent = []
        for (let n = 1; n <= 1_100; n++)
          sent.push(await upload.copyPart(n, { key: 'source', range: { offset: n, length: 5 * MiB } }))
        const info = await upload.complete(sent)
        assert.equal(info.sizeBytes, 1_100 * 5 * MiB)
        await engine.reclaim()
        await photos.delete('source')
        await engine.reclaim()
        for (const [part, at] of [
          [1, 0],
          [512, 17],
          [513, 5 * MiB - 1],
          [1_100, 4_000],
        ] as const) {
          const range = { offset: (part - 1) * 5 * MiB + at, length: 1 }
          assert.equal((await bytesOf(photos, 'long', { range }))[0], source[part + at])
        }
        await photos.delete('long')
        await engine.reclaim()
        if (blobFiles) assert.equal((await blobFiles()).length, 0)
      },
    )

    withPlace(
      'many parts may be copied at once from an object that nothing shared before',
      async ({ photos }) => {
        const bytes = randomBytes(6 * MiB)
        await photos.put('source', bytes)
        const upload = await photos.createUpload('copy')
        const copyPart = (n: number) =>
          upload.copyPart(n, { key: 'source', range: { offset: n, length: 5 * MiB } })
        await upload.complete(await Promise.all(Array.from({ length: 20 }, (_, n) => copyPart(n + 1))))
        const range = { offset: 11 * 5 * MiB, length: 5 * MiB }
        assertSame(await bytesOf(photos, 'copy', { range }), bytes.subarray(12, 12 + 5 * MiB))
      },
    )

    withPlace(
      'a body that is destroyed before it was read lets go of its bytes',
      async ({ photos, engine, blobFiles }) => {
        await photos.put('a', randomBytes(MiB))
        const { body } = await photos.get('a')
        await photos.delete('a')
        const closed = once(body, 'close')
        body.destroy()
        await closed
        await engine.reclaim()
        if (blobFiles) assert.equal((await blobFiles()).length, 0)
      },
    )

    withPlace('a finished object knows its parts', async ({ photos }) => {
      const upload = await photos.createUpload('big', {
        checksumAlgorithm: 'crc32',
        checksumType: 'full-object',
      })
      const sizes = [5 * MiB, 5 * MiB + 1, 3]
      const sent = []
      for (const [at, size] of sizes.entries()) sent.push(await upload.putPart(2 * at + 1, randomBytes(size)))
      await upload.complete(sent)
      const known = async (key: string, options = {}) => {
        const found = []
        for await (const part of photos.parts(key, options)) found.push(part)
        return found
      }
      const wanted = sent.map(({ partNumber, sizeBytes, checksums }) => ({
        partNumber,
        sizeBytes,
        checksums,
      }))
      assert.deepEqual(await known('big'), wanted)
      assert.deepEqual(await known('big', { afterPartNumber: 2 }), wanted.slice(1))
      const partOf = async (options: GetOptions) => {
        await using object = await photos.get('big', options)
        return object.part
      }
      assert.deepEqual(await partOf({ partNumber: 3 }), wanted[1])
      assert.deepEqual(await partOf({ range: { offset: 5 * MiB, length: 5 * MiB + 1 } }), wanted[1])
      assert.equal(await partOf({ range: { offset: 5 * MiB, length: 5 * MiB } }), undefined)
      assert.equal(await partOf({ range: { offset: 5 * MiB + 1, length: 5 * MiB } }), undefined)
      await photos.copy({ key: 'big' }, 'in-parts')
      assert.deepEqual(await known('in-parts'), wanted)
      await photos.copy({ key: 'big' }, 'one', { checksumAlgorithm: 'crc32c' })
      assert.deepEqual(await known('one'), [])
      await photos.put('plain', Buffer.from('x'))
      assert.deepEqual(await known('plain'), [])
      await assert.rejects(known('absent'), code('NoSuchKey'))
    })

    withPlace('a copy inherits neither storage class nor redirect', async ({ photos }) => {
      const headers = { storageClass: 'STANDARD_IA', websiteRedirect: '/x', contentType: 'image/x' }
      await photos.put('a', Buffer.from('x'), headers)
      const plain = await photos.copy({ key: 'a' }, 'b')
      assert.deepEqual(
        [plain.storageClass, plain.websiteRedirect, plain.contentType],
        [undefined, undefined, 'image/x'],
      )
      const asked = await photos.copy({ key: 'a' }, 'b', {
        storageClass: 'GLACIER_IR',
        websiteRedirect: '/y',
      })
      assert.deepEqual([asked.storageClass, asked.websiteRedirect], ['GLACIER_IR', '/y'])
      await assert.rejects(photos.copy({ key: 'a' }, 'a'), code('InvalidRequest'))
      await photos.copy({ key: 'a' }, 'a', { storageClass: 'STANDARD' })
    })

    withPlace('who knows the object is told how long to keep it', async ({ photos }) => {
      await photos.put('a', Buffer.from('x'), { cacheControl: 'max-age=9', expires: 'soon' })
      await assert.rejects(
        photos.get('a', { ifNoneMatch: '*' }),
        (error) =>
          isEngineError(error, 'NotModified') &&
          error.details.cacheControl === 'max-age=9' &&
          error.details.expires === 'soon',
      )
    })

    withPlace('a listing that is to go on after what is no upload is refused', async ({ photos }) => {
      const listing = photos.listUploads({ startAfter: 'a', startAfterId: 'nonsense' })
      await assert.rejects(listing.page(), code('InvalidArgument'))
    })

    withPlace('a part copied while its source is overwritten is of one of the two', async ({ photos }) => {
      await photos.put('source', Buffer.alloc(6 * MiB, 1))
      const upload = await photos.createUpload('copies')
      const [part] = await Promise.all([
        upload.copyPart(1, { key: 'source' }),
        photos.put('source', Buffer.alloc(6 * MiB, 2)),
      ])
      await upload.complete([part])
      const copied = await bytesOf(photos, 'copies')
      assertSame(copied, Buffer.alloc(6 * MiB, copied[0]))
    })

    withPlace('an aborted upload leaves nothing', async ({ photos, engine, blobFiles }) => {
      const upload = await photos.createUpload('never')
      await upload.putPart(1, randomBytes(MiB))
      await upload.abort()
      await assert.rejects(upload.putPart(2, Buffer.from('x')), code('NoSuchUpload'))
      await assert.rejects(upload.abort(), code('NoSuchUpload'))
      await engine.reclaim()
      if (blobFiles) assert.equal((await blobFiles()).length, 0)
    })

    withPlace('a put that is stopped leaves nothing', async ({ photos, engine, blobFiles }) => {
      const stop = new AbortController()
      async function* endless() {
        for (let n = 0; ; n++) {
          yield randomBytes(100_000)
          if (n === 20) stop.abort()
        }
      }
      await assert.rejects(photos.put('a', endless(), { signal: stop.signal }), { name: 'AbortError' })
      await assert.rejects(photos.head('a'), code('NoSuchKey'))
      await engine.reclaim()
      if (blobFiles) assert.equal((await blobFiles()).length, 0)
    })

    withPlace(
      'a bucket goes when it is empty, and its uploads with it',
      async ({ photos, engine, blobFiles }) => {
        await photos.put('a', Buffer.from('x'))
        await assert.rejects(photos.remove(), code('BucketNotEmpty'))
        await photos.put('b', Buffer.from('still writable'))
        const upload = await photos.createUpload('u')
        await upload.putPart(1, randomBytes(MiB))
        assert.deepEqual(
          (await photos.deleteMany([{ key: 'a' }, { key: 'b' }, { key: 'b' }])).map(({ status }) => status),
          ['fulfilled', 'fulfilled', 'fulfilled'],
        )
        await photos.remove()
        await assert.rejects(photos.head('a'), code('NoSuchBucket'))
        await engine.reclaim()
        if (blobFiles) assert.equal((await blobFiles()).length, 0)
        await engine.createBucket('photos')
        assert.deepEqual(await keysOf(photos), [])
      },
    )

    withPlace(
      'what was acknowledged is there after reopening',
      async ({ photos, engine, open, survives }) => {
        if (!survives) return
        const bytes = randomBytes(2 * MiB)
        await photos.put('small', Buffer.from('x'))
        await photos.put('large', bytes)
        const upload = await photos.createUpload('u')
        const part = await upload.putPart(1, bytes)
        await engine.close()
        await using again = await open()
        const bucket = again.bucket('photos')
        assert.deepEqual(await keysOf(bucket), ['large', 'small'])
        assertSame(await bytesOf(bucket, 'large'), bytes)
        await bucket.upload('u', upload.uploadId).complete([part])
        assertSame(await bytesOf(bucket, 'u'), bytes)
      },
    )

    withPlace('closed means closed', async ({ photos, engine }) => {
      await engine.close()
      await engine.close()
      await assert.rejects(photos.put('a', Buffer.from('x')), code('EngineClosed'))
      await assert.rejects(photos.get('a'), code('EngineClosed'))
      await assert.rejects(photos.list().page(), code('EngineClosed'))
    })
  })
}

function* chunksOf(bytes: Uint8Array): Generator<Uint8Array> {
  for (let at = 0; at < bytes.byteLength; at += 70_000) yield bytes.subarray(at, at + 70_000)
}

test('verify names the objects and parts that use a damaged blob, and no others', async () => {
  const place = await onDisk()
  const engine = await place.open()
  try {
    await engine.createBucket('photos')
    const photos = engine.bucket('photos')
    await photos.put('small', Buffer.from('x'))
    await photos.put('bad', randomBytes(MiB))
    await photos.copy({ key: 'bad' }, 'copy of bad')
    const [damaged] = await place.blobFiles!()
    await photos.put('good', randomBytes(MiB))
    const upload = await photos.createUpload('half')
    await upload.copyPart(1, { key: 'bad', range: { offset: 0, length: 100 } })
    await place.damage!(damaged!)
    const found = []
    let last = { doneBytes: 0, totalBytes: 0, records: 0 }
    for await (const { what, code, key } of engine.verify({ onProgress: (progress) => (last = progress) }))
      found.push([what, code, key])
    assert.deepEqual(found, [
      ['object', 'CorruptBlob', 'bad'],
      ['object', 'CorruptBlob', 'copy of bad'],
      ['part', 'CorruptBlob', 'half'],
    ])
    assert.equal(last.records, 5)
    assert.ok(last.doneBytes > 3 * MiB)
    assert.equal(last.totalBytes, last.doneBytes)
    const { buckets, objects, parts, objectBytes } = await engine.stat()
    assert.deepEqual(
      { buckets, objects, parts, objectBytes },
      { buckets: 1, objects: 4, parts: 1, objectBytes: 3 * MiB + 1 },
    )
  } finally {
    await engine.close()
    await place.remove()
  }
})
