import assert from 'node:assert/strict'
import { buffer } from 'node:stream/consumers'
import test from 'node:test'
import { setImmediate as turn } from 'node:timers/promises'
import type { StoredObject } from '@aquifer/engine'
import { all, bytesOf, inPieces, openConnected } from './open-connected.js'

const KIB = 1024
const MIB = 1024 * KIB

const ways: Record<string, (object: StoredObject) => Promise<Uint8Array>> = {
  bytes: (object) => object.bytes(),
  body: (object) => buffer(object.body),
  web: (object) => buffer(object.web()),
  async chunks(object) {
    const chunks: Uint8Array[] = []
    for await (const chunk of object.chunks()) chunks.push(Uint8Array.from(chunk))
    return Buffer.concat(chunks)
  },
}

for (const sizeBytes of [0, 1, 4 * KIB, 64 * KIB, 64 * KIB + 1, MIB, 5 * MIB + 3])
  test(`${sizeBytes} bytes go over and come back the same, in every way`, async (t) => {
    const { logs, engine } = await openConnected(t)
    const bytes = bytesOf(sizeBytes)
    const sources = [bytes, new Blob([bytes]), inPieces(bytes, 50_000), inPieces(bytes, 3 * MIB)]
    for (const [at, source] of sources.entries()) {
      const { sizeBytes: stored } = await logs.put(`key ${at}`, source)
      assert.equal(stored, sizeBytes)
      for (const [name, read] of Object.entries(ways)) {
        await using object = await logs.get(`key ${at}`)
        assert.ok(bytes.equals(await read(object)), name)
      }
      await using own = await engine.bucket('logs').get(`key ${at}`)
      assert.ok(bytes.equals(await own.bytes()))
    }
    assert.ok(bytes.equals(bytesOf(sizeBytes)), 'what was given is still the giver’s')
  })

test('a range holds what it says, and says where it is', async (t) => {
  const { logs } = await openConnected(t)
  const bytes = bytesOf(3 * MIB)
  await logs.put('key', bytes)
  for (const range of [
    { offset: 5, length: 10 },
    { offset: MIB - 1, length: MIB },
    { offset: 2 * MIB },
    { suffix: 7 },
  ]) {
    await using object = await logs.get('key', { range })
    const { offset, length } = object.range!
    assert.ok(bytes.subarray(offset, offset + length).equals(await object.bytes()))
  }
})

test('many bodies cross at once, each its own', async (t) => {
  const { logs } = await openConnected(t)
  const bodies = Array.from({ length: 20 }, (_, n) => bytesOf(n * 77_777))
  await Promise.all(bodies.map((bytes, n) => logs.put(`${n}`, inPieces(bytes, 10_000 + n * 1_000))))
  await Promise.all(
    bodies.map(async (bytes, n) => {
      await using object = await logs.get(`${n}`)
      assert.ok(bytes.equals(await buffer(object.body)), `${n}`)
    }),
  )
})

test('parts, appends and fan-outs send their bytes as puts do', async (t) => {
  const { logs } = await openConnected(t)
  const bytes = bytesOf(6 * MIB)
  const upload = await logs.createUpload('whole', { contentType: 'text/plain' })
  const parts = [
    await upload.putPart(1, inPieces(bytes, 60_000)),
    await upload.putPart(2, bytes.subarray(0, 9)),
  ]
  assert.deepEqual(await all(upload.parts()), parts)
  await upload.complete(parts)
  await logs.append('log', bytes.subarray(0, 100))
  await logs.append('log', inPieces(bytes.subarray(100, MIB), 1_000))
  await logs.fanOut(inPieces(bytes, 99_999), [{ key: 'one' }, { key: 'other' }])
  const read = async (key: string) => {
    await using object = await logs.get(key)
    return Buffer.from(await object.bytes())
  }
  assert.ok(Buffer.concat([bytes, bytes.subarray(0, 9)]).equals(await read('whole')))
  assert.ok(bytes.subarray(0, MIB).equals(await read('log')))
  assert.ok(bytes.equals(await read('other')))
  assert.equal((await all(logs.parts('whole'))).length, 2)
})

test('a checksum that comes after the body is waited for, and a wrong one refuses it', async (t) => {
  const { logs } = await openConnected(t)
  const right = (await logs.put('key', Buffer.from('body'), { checksumAlgorithm: 'crc32' })).checksums.crc32!
  let tell = (_value: string): void => {}
  const later = () =>
    new Promise<string>((resolve) => {
      tell = resolve
    })
  async function* body(value: string) {
    yield Buffer.from('body')
    tell(value)
  }
  await logs.put('later', body(right), { checksums: { crc32: later() } })
  await assert.rejects(logs.put('wrong', body('AAAAAA=='), { checksums: { crc32: later() } }), {
    code: 'BadDigest',
  })
  const broken = new Error('The trailer cannot be read.')
  const found = await logs
    .put('none', body(right), { checksums: { crc32: Promise.reject(broken) } })
    .catch((error) => error)
  assert.equal(found, broken)
  await assert.rejects(logs.head('none'), { code: 'NoSuchKey' })
})

test('no byte of a source is asked for before the engine wants it', async (t) => {
  const { connected } = await openConnected(t)
  let asked = 0
  async function* source() {
    asked++
    yield Buffer.from('body')
  }
  await assert.rejects(connected.bucket('missing').put('key', source()), { code: 'NoSuchBucket' })
  assert.equal(asked, 0)
})

test('a source waits for an engine that is slow', async (t) => {
  let open = (): void => {}
  const gate = new Promise<void>((resolve) => {
    open = resolve
  })
  const { logs } = await openConnected(t, (blobs) => ({
    async create(id, options) {
      const writer = await blobs.create(id, options)
      return {
        write: async (chunk) => {
          await gate
          await writer.write(chunk)
        },
        finish: () => writer.finish(),
        abort: () => writer.abort(),
      }
    },
  }))
  const bytes = bytesOf(8 * MIB)
  let pulled = 0
  async function* source() {
    for await (const piece of inPieces(bytes, 64 * KIB)) {
      pulled += piece.byteLength
      yield piece
    }
  }
  const put = logs.put('key', source())
  for (let n = 0; n < 200; n++) await turn()
  assert.ok(pulled > 0 && pulled <= MIB, `${pulled}`)
  open()
  await put
  await using object = await logs.get('key')
  assert.ok(bytes.equals(await object.bytes()))
})

test('an engine reads no further than a slow reader has come', async (t) => {
  let read = 0
  const { logs, engine } = await openConnected(t, (blobs) => ({
    async *read(...about) {
      for await (const chunk of blobs.read(...about)) {
        read += chunk.byteLength
        yield chunk
      }
    },
  }))
  const bytes = bytesOf(16 * MIB)
  await engine.bucket('logs').put('key', bytes)
  await using object = await logs.get('key')
  for (let n = 0; n < 20; n++) await turn()
  assert.equal(read, 0, 'untouched, nothing is read')
  const chunks = object.chunks()
  const { value } = await chunks.next()
  for (let n = 0; n < 200; n++) await turn()
  assert.ok(read <= 4 * (value as Uint8Array).byteLength, `${read}`)
  const rest = [value as Uint8Array, ...(await all(chunks))]
  assert.ok(bytes.equals(Buffer.concat(rest)))
})
