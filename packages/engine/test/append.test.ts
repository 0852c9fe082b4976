import assert from 'node:assert/strict'
import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import test from 'node:test'
import { type Bucket, Engine, type EngineErrorCode, isEngineError } from '@aquifer/engine'
import { limits } from '../dist/limits.js'
import { createChecksum } from '../dist/streams/checksums.js'
import { openInMemory, readWhole } from './open-in-memory.js'

const KiB = 1024
const code = (expected: EngineErrorCode) => (error: unknown) => isEngineError(error, expected)
const text = (value: string) => new TextEncoder().encode(value)

async function crc64(bytes: Uint8Array): Promise<string> {
  return Buffer.from((await createChecksum('crc64nvme')).digestOf(bytes)).toString('base64')
}

test('what is appended follows what is there, small or large, and its CRC is that of the whole', async (t) => {
  const { engine, logs, check } = await openInMemory(t)
  let whole = Buffer.alloc(0)
  const etags = new Set<string>()
  for (const [n, sizeBytes] of [10, 70 * KiB, 0, 64 * KiB, 3, 200 * KiB, 1].entries()) {
    const bytes = Buffer.alloc(sizeBytes, n + 1)
    const info = await logs.append('a', bytes, { offset: whole.byteLength })
    whole = Buffer.concat([whole, bytes])
    etags.add(info.etag)
    assert.equal(info.sizeBytes, whole.byteLength)
    assert.deepEqual(info.checksums, { crc64nvme: await crc64(whole) })
    assert.ok((await readWhole(logs, 'a')).equals(whole))
    const range = { offset: Math.floor(whole.byteLength / 2), length: 7 }
    const expected = whole.subarray(range.offset, range.offset + 7)
    assert.ok((await readWhole(logs, 'a', { range })).equals(expected))
  }
  assert.equal(etags.size, 6) // No bytes change nothing.
  await engine.reclaim()
  await check()
})

test('an append elsewhere than at the end, or to another object than was meant, changes nothing', async (t) => {
  const { logs } = await openInMemory(t)
  await assert.rejects(logs.append('a', text('x'), { offset: 1 }), code('InvalidWriteOffset'))
  await assert.rejects(logs.append('a', text('x'), { ifMatch: '*' }), code('NoSuchKey'))
  const { etag } = await logs.put('a', text('abc'))
  for (const offset of [0, 2, 4])
    await assert.rejects(logs.append('a', text('x'), { offset }), code('InvalidWriteOffset'))
  await assert.rejects(logs.append('a', text(''), { offset: 0 }), code('InvalidWriteOffset'))
  await assert.rejects(logs.append('a', text('x'), { ifMatch: 'f'.repeat(32) }), code('PreconditionFailed'))
  await assert.rejects(logs.append('a', text('x'), { checksumAlgorithm: 'sha256' }), code('InvalidRequest'))
  await assert.rejects(
    logs.append('a', text('x'), { contentMd5: '1B2M2Y8AsgTpgAmY7PhCfg==' }),
    code('BadDigest'),
  )
  assert.equal((await logs.head('a')).etag, etag)
})

test('of many that append at the same offset one wins, and without an offset none is lost', async (t) => {
  const { logs } = await openInMemory(t)
  await logs.put('a', text('abc'))
  const tries = Array.from({ length: 8 }, (_, n) => logs.append('a', text(`${n}`), { offset: 3 }))
  const won = (await Promise.allSettled(tries)).filter(({ status }) => status === 'fulfilled')
  assert.equal(won.length, 1)
  await Promise.all(Array.from({ length: 50 }, () => logs.append('b', text('0123456789'))))
  assert.equal((await readWhole(logs, 'b')).toString(), '0123456789'.repeat(50))
})

test('who reads an object while it is appended to reads what was opened', async (t) => {
  const { logs } = await openInMemory(t)
  for (const first of [Buffer.alloc(20, 1), Buffer.alloc(100 * KiB, 1)]) {
    await logs.put('a', first)
    const before = await logs.get('a')
    await logs.append('a', text('first'))
    const between = await logs.get('a')
    await logs.append('a', text('second'))
    assert.ok(Buffer.from(await before.bytes()).equals(first))
    assert.ok(Buffer.from(await between.bytes()).equals(Buffer.concat([first, text('first')])))
  }
})

test('a copy and its source go their own ways when one is appended to', async (t) => {
  const { engine, logs, check } = await openInMemory(t)
  await logs.append('a', Buffer.alloc(100 * KiB, 1))
  await logs.append('a', text('tail'))
  await logs.copy({ key: 'a' }, 'b')
  await logs.append('b', text(' of b'))
  await logs.append('a', text(' of a'))
  await logs.copy({ key: 'b' }, 'c')
  await logs.append('c', text(' and c'))
  await engine.reclaim()
  await check()
  const tail = async (key: string) => (await readWhole(logs, key)).subarray(100 * KiB).toString()
  assert.deepEqual(await Promise.all(['a', 'b', 'c'].map(tail)), [
    'tail of a',
    'tail of b',
    'tail of b and c',
  ])
  await logs.delete('b')
  await logs.delete('a')
  await engine.reclaim()
  await check()
  assert.equal(await tail('c'), 'tail of b and c')
})

test('a part may be copied out of the midst of what was appended', async (t) => {
  const { engine, logs, check } = await openInMemory(t)
  for (const piece of ['0123456789', 'abcdefghij', 'ABCDEFGHIJ']) await logs.append('a', text(piece))
  const upload = await logs.createUpload('b')
  const part = await upload.copyPart(1, { key: 'a', range: { offset: 5, length: 20 } })
  await logs.delete('a')
  await upload.complete([part])
  await engine.reclaim()
  await check()
  assert.equal((await readWhole(logs, 'b')).toString(), '56789abcdefghijABCDE')
})

test('an object that was appended to tells of no parts, and is read whole as one', async (t) => {
  const { logs } = await openInMemory(t)
  const upload = await logs.createUpload('a', { checksumAlgorithm: 'crc32', checksumType: 'full-object' })
  await upload.complete([await upload.putPart(1, text('first '))])
  const { partCount, etag, checksumType, checksums } = await logs.append('a', text('second'))
  assert.deepEqual(
    [partCount, etag.slice(32), checksumType, Object.keys(checksums)],
    [undefined, '-2', 'full-object', ['crc32']],
  )
  for await (const _ of logs.parts('a')) assert.fail('it has no parts')
  assert.equal((await readWhole(logs, 'a', { partNumber: 1 })).toString(), 'first second')
  await assert.rejects(logs.get('a', { partNumber: 2 }), code('InvalidPartNumber'))
})

test('only a CRC goes on; of another checksum the caller is told that of the added bytes', async (t) => {
  const { logs } = await openInMemory(t)
  await logs.put('a', text('abc'), { checksumAlgorithm: 'sha256' })
  const { checksums } = await logs.append('a', text('d'), { checksumAlgorithm: 'sha256' })
  assert.deepEqual(Object.keys(checksums), ['sha256'])
  assert.deepEqual((await logs.head('a')).checksums, {})
  const upload = await logs.createUpload('b', { checksumAlgorithm: 'sha256' })
  await upload.complete(
    [await upload.putPart(1, text('abc'))].map(({ checksums, ...part }) => ({ ...part, checksums })),
  )
  await assert.rejects(logs.append('b', text('d')), code('InvalidRequest'))
})

test('10,000 appends are taken and no more, and the last costs as the first', async (t) => {
  const { engine, kv, logs, check, rows } = await openInMemory(t)
  await logs.put('a', text('line\n'))
  const rowsOf: number[] = []
  const bytesOf: number[] = []
  const commit = kv.commit.bind(kv)
  kv.commit = (change) => {
    rowsOf.push(change.checks.length + change.puts.length + change.deletes.length)
    bytesOf.push(
      change.puts.reduce((sum, put) => sum + put.value.byteLength + (put.payload?.byteLength ?? 0), 0),
    )
    return commit(change)
  }
  for (let n = 0; n < 10_000; n++) await logs.append('a', text('line\n'))
  kv.commit = commit
  assert.equal(rowsOf.length, 10_000)
  assert.deepEqual(rowsOf.slice(1), Array(9_999).fill(rowsOf[1]))
  const few = Math.max(...bytesOf)
  assert.ok(few < 300, `an append writes ${few} bytes of rows and payloads`)
  await assert.rejects(logs.append('a', text('x')), code('TooManyParts'))
  await logs.copy({ key: 'a' }, 'b') // A copy begins to count anew.
  await logs.append('b', text('more'))
  assert.equal((await readWhole(logs, 'b')).toString(), `${'line\n'.repeat(10_001)}more`)
  await engine.reclaim()
  await check()
  await logs.delete('a')
  await logs.delete('b')
  await engine.reclaim()
  assert.deepEqual(await rows(), ['b'])
})

test('buckets with versions take neither appends nor renames', async (t) => {
  const { engine } = await openInMemory(t)
  await engine.createBucket('kept')
  await engine.bucket('kept').setConfiguration('versioning', 'enabled')
  await assert.rejects(engine.bucket('kept').append('a', text('x')), code('InvalidRequest'))
  await assert.rejects(engine.bucket('kept').rename({ key: 'a' }, 'b'), code('InvalidRequest'))
})

test('a rename moves an object as it is, over what has the key', async (t) => {
  const { engine, logs, check, wait } = await openInMemory(t)
  for (const bytes of [text('small'), Buffer.alloc(100 * KiB, 7)]) {
    const before = await logs.put('a', bytes, { contentType: 'x/y', metadata: { m: 'n' } })
    await logs.put('b', Buffer.alloc(70 * KiB))
    wait(5_000)
    assert.deepEqual(await logs.rename({ key: 'a' }, 'b'), { ...before, key: 'b' })
    assert.deepEqual(await logs.head('b'), { ...before, key: 'b' })
    await assert.rejects(logs.head('a'), code('NoSuchKey'))
    assert.ok((await readWhole(logs, 'b')).equals(bytes))
    assert.deepEqual(await logs.rename({ key: 'b' }, 'b'), { ...before, key: 'b' })
  }
  await engine.reclaim()
  await check()
})

test('the conditions of a rename are asked of both sides', async (t) => {
  const { logs } = await openInMemory(t)
  const { etag, lastModified } = await logs.put('a', text('a'))
  await logs.put('b', text('b'))
  const refused = (...[from, key, options]: Parameters<Bucket['rename']>) =>
    assert.rejects(logs.rename(from, key, options), code('PreconditionFailed'))
  await refused({ key: 'a', ifMatch: 'f'.repeat(32) }, 'c')
  await refused({ key: 'a', ifNoneMatch: etag }, 'c')
  await refused({ key: 'a', ifModifiedSince: lastModified }, 'c')
  await refused({ key: 'a', ifUnmodifiedSince: new Date(0) }, 'c')
  await refused({ key: 'a' }, 'b', { ifNoneMatch: '*' })
  await refused({ key: 'a' }, 'b', { ifMatch: etag })
  await refused({ key: 'a' }, 'b', { ifUnmodifiedSince: new Date(0) })
  await refused({ key: 'a' }, 'b', { ifModifiedSince: lastModified })
  await assert.rejects(logs.rename({ key: 'x' }, 'b'), code('NoSuchKey'))
  await assert.rejects(logs.rename({ key: 'a' }, 'b/'), code('InvalidRequest'))
  await assert.rejects(logs.rename({ bucket: 'other', key: 'a' }, 'b'), code('InvalidRequest'))
  await logs.rename({ key: 'a', ifMatch: etag }, 'c', { ifNoneMatch: '*' })
})

test('a rename asked for again under its id is answered as before and not done again', async (t) => {
  const { engine, logs, check, rows, wait } = await openInMemory(t)
  await logs.put('a', text('first'))
  const requestId = 'token 1'
  const first = await logs.rename({ key: 'a' }, 'b', { requestId })
  await logs.put('a', text('second'))
  assert.deepEqual(await logs.rename({ key: 'a' }, 'b', { requestId }), first)
  assert.equal((await readWhole(logs, 'a')).toString(), 'second')
  await assert.rejects(logs.rename({ key: 'a' }, 'c', { requestId }), code('IdempotencyParameterMismatch'))
  for (const bad of ['', 'ä', 'x'.repeat(65)])
    await assert.rejects(logs.rename({ key: 'a' }, 'c', { requestId: bad }), code('InvalidArgument'))
  await engine.reclaim()
  await check()
  wait(limits.requestKeptMs + 1)
  await engine.reclaim()
  assert.deepEqual(await rows(), ['b', 'o', 'o'])
  assert.notDeepEqual(await logs.rename({ key: 'a' }, 'b', { requestId }), first)
})

test('on disk, appends survive the process, in few files', async (t) => {
  const directory = await mkdtemp(join(tmpdir(), 'aquifer-append-'))
  t.after(() => rm(directory, { recursive: true }))
  let engine = await Engine.open({ directory })
  await engine.createBucket('logs')
  for (let n = 0; n < 100; n++) await engine.bucket('logs').append('a', text(`${n},`))
  await engine.bucket('logs').append('a', Buffer.alloc(80 * KiB, '!'))
  await engine.close()
  engine = await Engine.open({ directory })
  const bytes = await readWhole(engine.bucket('logs'), 'a')
  assert.equal(
    bytes.toString(),
    `${Array.from({ length: 100 }, (_, n) => `${n},`).join('')}${'!'.repeat(80 * KiB)}`,
  )
  for await (const finding of engine.verify()) assert.fail(finding.detail)
  await engine.close()
  const files = await readdir(join(directory, 'blobs'), { recursive: true, withFileTypes: true })
  assert.equal(files.filter((entry) => entry.isFile()).length, 1)
})
