import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import test from 'node:test'
import type { ChecksumAlgorithm } from '../contract/integrity.js'
import { isEngineError } from '../errors.js'
import { checksumBytes } from '../rules/digest-text.js'
import { createChecksum } from './checksums.js'
import { HashThreads } from './hash-threads.js'
import { Tally } from './tally.js'

const MIB = 1024 * 1024
const algorithms = Object.keys(checksumBytes) as ChecksumAlgorithm[]

/** Bytes in memory that threads share, of a seed's own. */
function shared(seed: number, sizeBytes: number): Uint8Array {
  const bytes = new Uint8Array(new SharedArrayBuffer(sizeBytes))
  for (let at = 0; at < sizeBytes; at++) bytes[at] = Math.imul(at + seed, 2_654_435_761) >>> 24
  return bytes
}

const digestHere = async (algorithm: ChecksumAlgorithm, bytes: Uint8Array) =>
  Buffer.from((await createChecksum(algorithm)).digestOf(Uint8Array.from(bytes)))

test('threads find the digests of many bodies at once, whatever pieces they come in', async () => {
  const threads = new HashThreads({ count: 2 })
  const bodies = Array.from({ length: 6 }, (_, seed) => shared(seed, 700_000 + seed))
  await Promise.all(
    bodies.map(async (body, n) => {
      const digests = (await threads.begin(algorithms))!
      const pieceBytes = 100_000 + n * 50_001
      for (let at = 0; at < body.byteLength; at += pieceBytes) {
        const piece = Uint8Array.from(body.subarray(at, at + pieceBytes)) // Some are not shared, and sent.
        if (n % 2 === 0) await digests.update(body.subarray(at, at + pieceBytes))
        else await digests.update(piece)
      }
      const found = await digests.digests()
      for (const algorithm of algorithms)
        assert.deepEqual(Buffer.from(found.get(algorithm)!), await digestHere(algorithm, body), algorithm)
    }),
  )
  await threads.close()
})

test('memory is free again when the promise resolves, not before all have hashed it', async () => {
  const threads = new HashThreads({ count: 2 })
  const digests = (await threads.begin(['md5', 'crc64nvme', 'sha256']))!
  const memory = shared(0, MIB)
  const whole = Buffer.alloc(8 * MIB)
  for (let n = 0; n < 8; n++) {
    memory.fill(n)
    whole.fill(n, n * MIB, (n + 1) * MIB)
    await digests.update(memory)
  }
  const found = await digests.digests()
  for (const [algorithm, digest] of found)
    assert.deepEqual(Buffer.from(digest), await digestHere(algorithm, whole), algorithm)
  await threads.close()
})

test('a body that is dropped leaves nobody waiting', async () => {
  const threads = new HashThreads({ count: 1 })
  const digests = (await threads.begin(['md5']))!
  const hashing = digests.update(shared(1, MIB))
  digests.drop()
  await hashing
  await assert.rejects(digests.digests())
  await threads.close()
})

test('a thread that fails fails what it was told, and those who come later hash by themselves', async () => {
  const threads = new HashThreads({ count: 1 })
  const good = (await threads.begin(['md5']))!
  const bad = (await threads.begin(['nonsense' as ChecksumAlgorithm]))!
  await assert.rejects(bad.update(shared(1, 10)), (error) => isEngineError(error, 'StorageUnavailable'))
  await assert.rejects(good.digests(), (error) => isEngineError(error, 'StorageUnavailable'))
  assert.equal(await threads.begin(['md5']), undefined)
  await threads.close()
})

test('threads do not keep a process alive, and keep it while they are waited for', () => {
  const program = `
    import { HashThreads } from ${JSON.stringify(new URL('./hash-threads.js', import.meta.url).href)}
    const digests = await new HashThreads({ count: 1 }).begin(['md5'])
    await digests.update(new Uint8Array(10))
    console.log((await digests.digests()).size)`
  const told = execFileSync(process.execPath, ['--input-type=module', '--eval', program], {
    encoding: 'utf8',
  })
  assert.equal(told, '1\n')
})

test('closed threads begin nothing, and need not have been started', async () => {
  const threads = new HashThreads()
  await threads.close()
  assert.equal(await threads.begin(['md5']), undefined)
})

test('a body tallied by threads is told the same of as one tallied here', async () => {
  for (const threads of [new HashThreads({ count: 2 }), new HashThreads({ count: 0 })]) {
    const body = shared(3, 3 * MIB + 17)
    const about = { sizeBytes: body.byteLength, checksumAlgorithm: 'crc32c' } as const
    const tellOf = async (parts: readonly Uint8Array[], by: { threads?: HashThreads }) => {
      using tally = await Tally.begin(about, { etag: 'md5', ...by })
      for (const part of parts) {
        tally.count(part)
        await tally.hash(part)
      }
      const { md5, ...rest } = await tally.finish()
      return { ...rest, md5: Buffer.from(md5!).toString('hex') }
    }
    const parts = [body.subarray(0, MIB), body.subarray(MIB, 3 * MIB), body.subarray(3 * MIB)]
    assert.deepEqual(await tellOf(parts, { threads }), await tellOf([body], {}))
    await threads.close()
  }
})

test('threads that have nothing to do end, those that have do not, and others start when they are needed', async () => {
  const threads = new HashThreads({ count: 1, idleMs: 1 })
  const body = shared(5, MIB)
  const digest = await digestHere('md5', body)
  for (let round = 0; round < 3; round++) {
    const finished = (await threads.begin(['md5']))!
    const slow = (await threads.begin(['md5']))!
    await finished.update(body)
    assert.deepEqual(Buffer.from((await finished.digests()).get('md5')!), digest)
    finished.drop()
    await slow.update(body)
    assert.deepEqual(Buffer.from((await slow.digests()).get('md5')!), digest)
    while (threads.areThere) await new Promise((resolve) => setTimeout(resolve, 1))
  }
  await threads.close()
})

test('a tally that is given up lets its threads go', async () => {
  const threads = new HashThreads({ count: 1 })
  {
    using tally = await Tally.begin({}, { etag: 'md5', threads })
    await tally.hash(shared(1, MIB))
  }
  await threads.close()
})
