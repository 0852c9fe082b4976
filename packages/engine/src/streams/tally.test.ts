import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import test from 'node:test'
import fc from 'fast-check'
import type { ChecksumAlgorithm, Integrity } from '../contract/integrity.js'
import { type EngineErrorCode, isEngineError } from '../errors.js'
import { checksumBytes } from '../rules/digest-text.js'
import { createChecksum } from './checksums.js'
import { type Tallied, Tally, type TallyOptions } from './tally.js'

const body = new TextEncoder().encode('123456789')
const md5 = createHash('md5').update(body).digest()
const withMd5: TallyOptions = { etag: 'md5' }
const opaque: TallyOptions = { etag: 'opaque' }

async function update(tally: Tally, chunk: Uint8Array): Promise<void> {
  tally.count(chunk)
  await tally.hash(chunk)
}

async function tallyOf(
  chunks: readonly Uint8Array[],
  integrity: Integrity,
  options: TallyOptions,
): Promise<Tallied> {
  const tally = await Tally.begin(integrity, options)
  for (const chunk of chunks) await update(tally, chunk)
  return tally.finish()
}

const refusedWith = (code: EngineErrorCode) => (error: unknown) => isEngineError(error, code)

/** As one chunk of known size, which takes the short way, and as several. */
const ways: [string, readonly Uint8Array[], Integrity][] = [
  ['at once', [body], { sizeBytes: 9 }],
  ['in pieces', [body.subarray(0, 4), new Uint8Array(), body.subarray(4)], {}],
]

for (const [way, chunks, size] of ways) {
  test(`a body that comes ${way} and says nothing gets a CRC-64 and an MD5`, async () => {
    const tallied = await tallyOf(chunks, size, withMd5)
    assert.deepEqual(tallied, { sizeBytes: 9, md5, checksums: { crc64nvme: 'rosUhgp5mIg=' } })
  })

  test(`an opaque ETag spares the MD5 of a body that comes ${way}`, async () => {
    assert.equal((await tallyOf(chunks, size, opaque)).md5, undefined)
  })

  test(`every checksum given for a body that comes ${way} is verified and reported`, async () => {
    for (const algorithm of Object.keys(checksumBytes) as ChecksumAlgorithm[]) {
      const right = Buffer.from((await createChecksum(algorithm)).digestOf(body)).toString('base64')
      const wrong = Buffer.alloc(checksumBytes[algorithm], 7).toString('base64')
      for (const etag of ['md5', 'opaque'] as const) {
        const tallied = await tallyOf(chunks, { ...size, checksums: { [algorithm]: right } }, { etag })
        assert.deepEqual(tallied.checksums, { [algorithm]: right })
        await assert.rejects(
          tallyOf(chunks, { ...size, checksums: { [algorithm]: wrong } }, { etag }),
          (error) =>
            isEngineError(error, 'BadDigest') &&
            error.details.expected === wrong &&
            error.details.calculated === right &&
            error.details.algorithm === algorithm,
        )
      }
    }
  })

  test(`a Content-MD5 of a body that comes ${way} is verified, with an opaque ETag too`, async () => {
    for (const options of [withMd5, opaque]) {
      await tallyOf(chunks, { ...size, contentMd5: md5.toString('base64') }, options)
      const contentMd5 = createHash('md5').update('other').digest('base64')
      await assert.rejects(tallyOf(chunks, { ...size, contentMd5 }, options), refusedWith('BadDigest'))
    }
  })

  test(`a checksum may follow a body that comes ${way}`, async () => {
    const integrity = (value: Promise<string>): Integrity => ({ ...size, checksums: { crc32: value } })
    const { checksums } = await tallyOf(chunks, integrity(Promise.resolve('y/Q5Jg==')), withMd5)
    assert.deepEqual(checksums, { crc32: 'y/Q5Jg==' })
    await assert.rejects(
      tallyOf(chunks, integrity(Promise.resolve('AAAAAA==')), withMd5),
      refusedWith('BadDigest'),
    )
    await assert.rejects(
      tallyOf(chunks, integrity(Promise.resolve('?')), withMd5),
      refusedWith('InvalidChecksum'),
    )
    const rejection = Promise.reject(new Error('the trailer was cut off'))
    await assert.rejects(tallyOf(chunks, integrity(rejection), withMd5), {
      message: 'the trailer was cut off',
    })
  })
}

test('a SHA-256 that was signed is verified in either case of hex, before all else, and not reported', async () => {
  const right = createHash('sha256').update(body).digest('hex')
  for (const contentSha256 of [right, right.toUpperCase()])
    assert.deepEqual(await tallyOf([body], { contentSha256 }, opaque), {
      sizeBytes: 9,
      checksums: { crc64nvme: 'rosUhgp5mIg=' },
    })
  const wrong = { contentSha256: '0'.repeat(64), checksums: { crc32: 'AAAAAA==' } }
  await assert.rejects(
    tallyOf([body], wrong, withMd5),
    (error) => isEngineError(error, 'BadDigest') && error.details.algorithm === 'content-sha256',
  )
  await assert.rejects(tallyOf([body], { contentSha256: 'x' }, withMd5), refusedWith('InvalidChecksum'))
})

test('the algorithm named is the one computed; one given to compare with comes before it', async () => {
  const named = await tallyOf([body], { checksumAlgorithm: 'crc32c' }, withMd5)
  assert.deepEqual(named.checksums, { crc32c: '4waSgw==' })
  const given = await tallyOf(
    [body],
    { checksumAlgorithm: 'crc32c', checksums: { crc32: 'y/Q5Jg==' } },
    withMd5,
  )
  assert.deepEqual(given.checksums, { crc32: 'y/Q5Jg==' })
})

test('checksums asked for besides are reported too', async () => {
  const options: TallyOptions = { etag: 'md5', also: ['crc64nvme', 'md5'] }
  const { checksums } = await tallyOf([body], { checksums: { crc32: 'y/Q5Jg==' } }, options)
  assert.deepEqual(checksums, {
    crc32: 'y/Q5Jg==',
    crc64nvme: 'rosUhgp5mIg=',
    md5: md5.toString('base64'),
  })
})

test('a promise that is rejected while the body fails does not end the process', async () => {
  const checksums = { crc32: Promise.reject(new Error('the connection is gone')) }
  const tally = await Tally.begin({ checksums }, withMd5)
  await update(tally, body)
  await new Promise((resolve) => setImmediate(resolve))
})

test('what cannot be a digest is refused before a byte is read', async () => {
  await assert.rejects(Tally.begin({ contentMd5: '' }, withMd5), refusedWith('InvalidDigest'))
  await assert.rejects(Tally.begin({ checksums: { sha1: 'AAAA' } }, withMd5), refusedWith('InvalidChecksum'))
})

test('an algorithm or a size that does not exist is a caller’s slip', async () => {
  const checksumAlgorithm = 'crc16' as ChecksumAlgorithm
  await assert.rejects(Tally.begin({ checksumAlgorithm }, withMd5), TypeError)
  await assert.rejects(Tally.begin({ sizeBytes: -1 }, withMd5), RangeError)
  await assert.rejects(Tally.begin({ sizeBytes: 1.5 }, withMd5), RangeError)
})

test('fewer or more bytes than announced are IncompleteBody, more of them at once', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.uint8Array({ maxLength: 20 }), { maxLength: 5 }),
      fc.nat(60),
      async (chunks, sizeBytes) => {
        const received = chunks.reduce((sum, chunk) => sum + chunk.byteLength, 0)
        const tallying = tallyOf(chunks, { sizeBytes }, withMd5)
        if (received === sizeBytes) {
          assert.equal((await tallying).sizeBytes, received)
          return
        }
        await assert.rejects(tallying, refusedWith('IncompleteBody'))
      },
    ),
  )
  const tally = await Tally.begin({ sizeBytes: 3 }, withMd5)
  assert.throws(() => tally.count(body), refusedWith('IncompleteBody'))
})

test('a checksum that never arrives is waited for until the signal fires', async () => {
  for (const when of ['before', 'meanwhile']) {
    const tally = await Tally.begin({ checksums: { crc32: new Promise(() => {}) } }, withMd5)
    await update(tally, body)
    const controller = new AbortController()
    if (when === 'before') controller.abort()
    const finishing = tally.finish({ signal: controller.signal })
    controller.abort()
    await assert.rejects(finishing, { name: 'AbortError' })
  }
})
