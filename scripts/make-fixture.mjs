// usage: node scripts/make-fixture.mjs       Writes packages/engine/test/fixtures/format-N, for the format N of this build.
//
// A store as a killed process leaves it, with something of every kind in it, and expected.json, which says what any
// later version must find there. Made once for each version of the format, when it is released; from then on the
// fixture is history, and is changed no more. Needs `tar`. Kept small by small segments and bytes that repeat.
import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { cp, mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { Engine } from '../packages/engine/dist/index.js'
import { FileBlobStore, LevelKvStore } from '../packages/engine/dist/stores.js'

const FORMAT = 1
const MiB = 1024 * 1024
const target = fileURLToPath(new URL(`../packages/engine/test/fixtures/format-${FORMAT}/`, import.meta.url))
const work = await mkdtemp(join(tmpdir(), 'aquifer-fixture-'))
const directory = join(work, 'store')
const image = join(work, 'image')

let now = Date.parse('2026-01-02T03:04:05.678Z')
const clock = { now: () => ++now, monotonic: () => now }
let count = 0
const ids = {
  next() {
    const id = createHash('sha256').update(`id ${++count}`).digest().subarray(0, 16)
    id.writeUIntBE(now, 0, 6)
    return new Uint8Array(id)
  },
}

/** So many bytes that repeat every thousand or so. */
function bytes(name, sizeBytes) {
  const block = Buffer.concat(
    Array.from({ length: 31 }, (_, n) => createHash('sha256').update(`${name} ${n}`).digest()),
  )
  return Buffer.alloc(sizeBytes, block)
}

const expected = { buckets: {}, uploads: [] }
const sha256 = (...pieces) => {
  const hash = createHash('sha256')
  for (const piece of pieces) hash.update(piece)
  return hash.digest('hex')
}

/** Notes what the engine answered to the write, and what bytes it was given. */
function expect(bucket, { key, lastModified, ...info }, pieces, parts) {
  expected.buckets[bucket].objects[key] = {
    ...info,
    lastModified: lastModified.toISOString(),
    sha256: sha256(...pieces),
    ...(parts && { parts }),
  }
}

const kv = await LevelKvStore.open({ directory, segmentBytes: 256 * 1024, clock, ids })
const blobs = await FileBlobStore.open({ directory: join(directory, 'blobs') })
const engine = await Engine.open({
  stores: { kv, blobs },
  clock,
  ids,
  background: false,
  inlineMaxBytes: 16 * 1024,
})

for (const [name, ownerId] of [
  ['archive', undefined],
  ['empty', 'owner-2'],
  ['photos', 'owner-1'],
]) {
  const { created } = await engine.createBucket(name, { ...(ownerId && { ownerId }) })
  expected.buckets[name] = { created: created.toISOString(), ...(ownerId && { ownerId }), objects: {} }
}
const photos = engine.bucket('photos')
const archive = engine.bucket('archive')

async function put(bucket, key, body, options) {
  expect(bucket.name, await bucket.put(key, body, options), [body])
}

// Small bodies, which ride on their rows.
await put(photos, 'small.txt', bytes('small', 1_000), { contentType: 'text/plain' })
await put(photos, 'no bytes', Buffer.alloc(0))
await put(photos, 'opaque', bytes('opaque', 300), { etag: 'opaque' })
await put(photos, '\ufeff猫/ÿ\n\u{1f408}', bytes('names', 77))
await put(photos, 'k'.repeat(1_024), bytes('the longest key', 10))
await put(photos, 'with everything', bytes('everything', 2_000), {
  contentType: 'image/jpeg',
  contentEncoding: 'gzip',
  contentDisposition: 'attachment; filename="cat.jpg"',
  contentLanguage: 'de, en',
  cacheControl: 'max-age=60',
  expires: 'Thu, 01 Jan 2037 00:00:00 GMT',
  storageClass: 'STANDARD_IA',
  websiteRedirect: '/elsewhere',
  ownerId: 'owner-1',
  metadata: { camera: 'Ünïcödé 猫', empty: '' },
})
for (const checksumAlgorithm of [
  'crc32',
  'crc32c',
  'crc64nvme',
  'sha1',
  'sha256',
  'sha512',
  'md5',
  'xxhash64',
  'xxhash3',
  'xxhash128',
])
  await put(photos, `checksums/${checksumAlgorithm}`, bytes(checksumAlgorithm, 500), { checksumAlgorithm })

// Enough for several segments, and what is overwritten and deleted again has the first of them compacted.
for (let n = 0; n < 30; n++) await put(archive, `bulk/${n}`, bytes(`bulk ${n}`, 12_000))
for (let n = 0; n < 40; n++) await photos.put('overwritten', bytes(`overwritten ${n}`, 12_000))
await put(photos, 'overwritten', bytes('the last one', 12_000))
await photos.put('deleted', bytes('deleted', 5_000))
await photos.delete('deleted')

// Large bodies, which lie in blobs: alone, shared, and shared with a source that has gone.
await put(photos, 'large', bytes('large', 200_000), { contentType: 'application/octet-stream' })
const large = bytes('large', 200_000)
expect('photos', await photos.copy({ key: 'large' }, 'copies/same'), [large])
expect('archive', await archive.copy({ bucket: 'photos', key: 'large' }, 'from photos'), [large])
const replace = { contentType: 'text/html', metadata: { new: 'yes' } }
expect('photos', await photos.copy({ key: 'large' }, 'copies/replaced', { replace }), [large])
expect('photos', await photos.copy({ key: 'small.txt' }, 'copies/small'), [bytes('small', 1_000)])
await photos.put('source that goes', bytes('gone', 100_000))
expect('photos', await photos.copy({ key: 'source that goes' }, 'copies/orphan'), [bytes('gone', 100_000)])
await photos.delete('source that goes')
await photos.put('large and deleted', bytes('large and deleted', 90_000))
await photos.delete('large and deleted')

// Multipart uploads: a short list of extents, a long one, one that is open, one that was aborted.
const partOf = ({ partNumber, sizeBytes, checksums }) => ({ partNumber, sizeBytes, checksums })
const first = bytes('first part', 5 * MiB)
const last = bytes('last part', 1_234)
const short = await photos.createUpload('multipart/short', {
  checksumAlgorithm: 'sha256',
  contentType: 'video/mp4',
  metadata: { parts: '2' },
})
const shortParts = [await short.putPart(3, first), await short.putPart(9, last)]
await short.putPart(5, bytes('not used', 3_000))
expect('photos', await short.complete(shortParts), [first, last], shortParts.map(partOf))

const long = await archive.createUpload('multipart/long')
const longParts = []
for (let n = 1; n <= 65; n++) {
  const range = { offset: 0, length: 5 * MiB }
  longParts.push(await long.copyPart(n, { bucket: 'photos', key: 'multipart/short', range }))
}
const tail = { offset: 5 * MiB - 10, length: 20 }
longParts.push(await long.copyPart(66, { bucket: 'photos', key: 'multipart/short', range: tail }))
const end = Buffer.concat([first.subarray(-10), last.subarray(0, 10)])
expect('archive', await long.complete(longParts), [...Array(65).fill(first), end], longParts.map(partOf))
expected.completed = {
  bucket: 'archive',
  key: 'multipart/long',
  uploadId: long.uploadId,
  parts: longParts.map(({ partNumber, etag }) => ({ partNumber, etag })),
}

const open = await photos.createUpload('multipart/open', {
  checksumAlgorithm: 'crc64nvme',
  checksumType: 'full-object',
  contentType: 'audio/ogg',
  ownerId: 'owner-1',
})
await open.putPart(1, bytes('replaced part', 4_000))
const openParts = [
  await open.putPart(1, first),
  await open.copyPart(2, { key: 'large', range: { offset: 1_000, length: 70_000 } }),
]
const { initiated, ...upload } = await open.info()
expected.uploads.push({
  bucket: 'photos',
  ...upload,
  initiated: initiated.toISOString(),
  parts: openParts.map(({ lastModified, ...part }) => ({
    ...part,
    lastModified: lastModified.toISOString(),
  })),
  completedSha256: sha256(first, large.subarray(1_000, 71_000)),
})
const aborted = await photos.createUpload('multipart/aborted')
await aborted.putPart(1, bytes('aborted', 2_000))
await aborted.abort()

// A write that the kill interrupts: its blob is there, and no record names it.
const hang = new AbortController()
async function* endless() {
  yield bytes('interrupted', 3 * MiB)
  await new Promise((_, reject) => hang.signal.addEventListener('abort', () => reject(hang.signal.reason)))
}
const blobCount = async () => (await readdir(join(directory, 'blobs'), { recursive: true })).length
const before = await blobCount()
const interrupted = photos.put('interrupted', endless()).catch(() => {})
while ((await blobCount()) === before) await new Promise((resolve) => setTimeout(resolve, 10))
await new Promise((resolve) => setTimeout(resolve, 500))

expected.at = new Date(now).toISOString()
// The lock is the process's own, LevelDB's LOG is chatter, and the ballast is empty space.
const isLeftOut = (path) => /\/(owner(\.json)?|ballast|LOG(\.old)?|LOCK)$/.test(path)
await cp(directory, image, { recursive: true, filter: (path) => !isLeftOut(path) })
hang.abort(new Error('the fixture is done'))
await interrupted
await engine.close()

await rm(target, { recursive: true, force: true })
await mkdir(target, { recursive: true })
await writeFile(join(target, 'expected.json'), `${JSON.stringify(expected, null, 2)}\n`)
const plain = ['--format=ustar', '--sort=name', '--mtime=@0', '--owner=0', '--group=0', '--numeric-owner']
execFileSync('tar', [...plain, '-I', 'gzip -9n', '-cf', join(target, 'store.tar.gz'), '-C', image, '.'])
execFileSync('npx', ['biome', 'format', '--write', target], { stdio: 'ignore' })
await rm(work, { recursive: true })
