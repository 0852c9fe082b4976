import assert from 'node:assert/strict'
import test from 'node:test'
import fc from 'fast-check'
import { S3Error } from '../s3-error.js'
import { type AwsChunkedOptions, decodeAwsChunked } from './aws-chunked.js'

/** Lends each piece and spoils it when the next is asked for: nobody may have kept it. */
async function* lend(text: string | Buffer, pieceBytes = 64 * 1024): AsyncGenerator<Uint8Array> {
  const bytes = Buffer.from(text as string, 'latin1')
  for (let at = 0; at < bytes.byteLength; at += pieceBytes) {
    const piece = Buffer.from(bytes.subarray(at, at + pieceBytes))
    yield piece
    piece.fill(0xee)
  }
}

interface Decoded {
  bytes: string
  trailers: Readonly<Record<string, string>>
}

async function decode(source: AsyncIterable<Uint8Array>, options: AwsChunkedOptions): Promise<Decoded> {
  const decoder = decodeAwsChunked(source, options)
  let bytes = ''
  for (;;) {
    const { done, value } = await decoder.next()
    if (done) return { bytes, trailers: value }
    bytes += Buffer.from(value).toString('latin1')
  }
}

const codeOf = async (text: string, options: AwsChunkedOptions): Promise<string> => {
  try {
    await decode(lend(text), options)
    return 'accepted'
  } catch (error) {
    if (error instanceof S3Error) return error.code
    throw error
  }
}

const CHECKSUM = 'x-amz-checksum-crc32'
const announced = { decodedBytes: 5, trailerName: CHECKSUM }

test('chunks are joined wherever the stream is cut, and no chunk borrowed from it is kept', async () => {
  const data = Buffer.from(Array.from({ length: 20_000 }, (_, at) => at & 0xff)).toString('latin1')
  const framed = `4e00\r\n${data.slice(0, 0x4e00)}\r\n20;ext=1\r\n${data.slice(0x4e00)}\r\n0\r\n\r\n`
  for (const pieceBytes of [1, 2, 3, 7, 1_000, 19_999, 64 * 1024])
    assert.equal((await decode(lend(framed, pieceBytes), { decodedBytes: 20_000 })).bytes, data)
})

test('an empty body is one chunk of size 0', async () => {
  assert.equal((await decode(lend('0\r\n\r\n'), { decodedBytes: 0 })).bytes, '')
})

test('the ways in which clients end a body are all accepted', async () => {
  const signatures = { checkChunk: () => {}, checkTrailer: () => {} }
  const signed = { ...announced, signatures, trailerSigned: true }
  const cases: [string, AwsChunkedOptions][] = [
    ['5\r\nhello\r\n0\r\n\r\n', { decodedBytes: 5 }],
    ['5\r\nhello\r\n0\r\n', { decodedBytes: 5 }],
    ['5\r\nhello\r\n000\r\n\r\n', { decodedBytes: 5 }],
    [`5\r\nhello\r\n0\r\n${CHECKSUM}:NhCmhg==\r\n\r\n`, announced],
    [`5\r\nhello\r\n0\r\n${CHECKSUM}:NhCmhg==\r\n`, announced],
    [`5\r\nhello\r\n0\r\n${CHECKSUM}:NhCmhg==`, announced],
    [`5\r\nhello\r\n0\r\n${CHECKSUM}:NhCmhg==\n\r\n\r\n`, announced],
    [`5\r\nhello\r\n0\r\nX-Amz-Checksum-CRC32: NhCmhg== \r\n\r\n`, announced],
    [
      `5;chunk-signature=a\r\nhello\r\n0;chunk-signature=b\r\n${CHECKSUM}:NhCmhg==\r\nx-amz-trailer-signature:c\r\n\r\n`,
      signed,
    ],
    [
      `5;chunk-signature=a\r\nhello\r\n0;chunk-signature=b\r\n${CHECKSUM}:NhCmhg==\n\r\nx-amz-trailer-signature:c\r\n\r\n`,
      signed,
    ],
    [
      `5;chunk-signature=a\r\nhello\r\n0;chunk-signature=b\r\n${CHECKSUM}:NhCmhg==\nx-amz-trailer-signature:c`,
      signed,
    ],
  ]
  for (const [text, options] of cases) {
    const { bytes, trailers } = await decode(lend(text), options)
    assert.equal(bytes, 'hello', text)
    assert.deepEqual(trailers, options.trailerName ? { [CHECKSUM]: 'NhCmhg==' } : {}, text)
  }
})

test('every fault of framing has its code', async () => {
  const five = { decodedBytes: 5 }
  const signatures = { checkChunk: () => {}, checkTrailer: () => {} }
  const cases: [string, AwsChunkedOptions, string][] = [
    ['', five, 'IncompleteBody'],
    ['5', five, 'IncompleteBody'],
    ['5\r\n', five, 'IncompleteBody'],
    ['5\r\nhel', five, 'IncompleteBody'],
    ['5\r\nhello', five, 'IncompleteBody'],
    ['5\r\nhello\r', five, 'IncompleteBody'],
    ['5\r\nhello\r\n', five, 'IncompleteBody'],
    ['5\r\nhello\r\n0', five, 'IncompleteBody'],
    ['5\r\nhello!\n0\r\n\r\n', five, 'IncompleteBody'],
    ['5\nhello\r\n0\r\n\r\n', five, 'IncompleteBody'],
    ['5\r\nhello\r\n0\n\r\n', five, 'IncompleteBody'],
    ['4\r\nhello\r\n0\r\n\r\n', five, 'IncompleteBody'],
    ['6\r\nhello\r\n0\r\n\r\n', five, 'IncompleteBody'],
    ['\r\nhello\r\n0\r\n\r\n', five, 'IncompleteBody'],
    ['-5\r\nhello\r\n0\r\n\r\n', five, 'IncompleteBody'],
    ['0x5\r\nhello\r\n0\r\n\r\n', five, 'IncompleteBody'],
    [' 5\r\nhello\r\n0\r\n\r\n', five, 'IncompleteBody'],
    ['5g\r\nhello\r\n0\r\n\r\n', five, 'IncompleteBody'],
    ['00000000000000005\r\nhello\r\n0\r\n\r\n', five, 'IncompleteBody'],
    ['ffffffffffffffff\r\nhello\r\n0\r\n\r\n', five, 'IncompleteBody'],
    [`5;${'x'.repeat(4_096)}\r\nhello\r\n0\r\n\r\n`, five, 'IncompleteBody'],
    [`5\r\nhello\r\n0\r\n${'\r\n'.repeat(2_049)}`, five, 'IncompleteBody'],
    // What announces more or less than it holds.
    ['5\r\nhello\r\n0\r\n\r\n', { decodedBytes: 4 }, 'IncompleteBody'],
    ['5\r\nhello\r\n0\r\n\r\n', { decodedBytes: 6 }, 'IncompleteBody'],
    ['0\r\n\r\n', five, 'IncompleteBody'],
    // Small chunks before the last.
    ['1\r\nh\r\n4\r\nello\r\n0\r\n\r\n', five, 'InvalidChunkSizeError'],
    [`1fff\r\n${'a'.repeat(8_191)}\r\n1\r\na\r\n0\r\n\r\n`, { decodedBytes: 8_192 }, 'InvalidChunkSizeError'],
    [`2000\r\n${'a'.repeat(8_192)}\r\n1\r\na\r\n0\r\n\r\n`, { decodedBytes: 8_193 }, 'accepted'],
    // Trailers.
    ['5\r\nhello\r\n0\r\nrubbish\r\n\r\n', five, 'MalformedTrailerError'],
    ['5\r\nhello\r\n0\r\n\r\n5\r\nhello\r\n0\r\n\r\n', five, 'MalformedTrailerError'],
    [`5\r\nhello\r\n0\r\n${CHECKSUM}:NhCmhg==\r\n\r\n`, five, 'MalformedTrailerError'],
    ['5\r\nhello\r\n0\r\n\r\n', announced, 'MalformedTrailerError'],
    ['5\r\nhello\r\n0\r\nx-amz-checksum-sha1:NhCmhg==\r\n\r\n', announced, 'MalformedTrailerError'],
    ['5\r\nhello\r\n0\r\n:NhCmhg==\r\n\r\n', announced, 'MalformedTrailerError'],
    [`5\r\nhello\r\n0\r\n${`${CHECKSUM}:NhCmhg==\r\n`.repeat(2)}\r\n`, announced, 'MalformedTrailerError'],
    [`5\r\nhello\r\n0\r\n${CHECKSUM}:NhCmhg=\r\n\r\n`, announced, 'InvalidRequest'],
    [`5\r\nhello\r\n0\r\n${CHECKSUM}:NhCm!!!!hg==\r\n\r\n`, announced, 'InvalidRequest'],
    [`5\r\nhello\r\n0\r\n${CHECKSUM}:NhCmhgAA\r\n\r\n`, announced, 'InvalidRequest'],
    [`5\r\nhello\r\n0\r\n${CHECKSUM}:\r\n\r\n`, announced, 'InvalidRequest'],
    // What comes after the signature is not signed.
    [
      `5;chunk-signature=a\r\nhello\r\n0;chunk-signature=b\r\nx-amz-trailer-signature:c\r\n${CHECKSUM}:NhCmhg==\r\n\r\n`,
      { ...announced, signatures, trailerSigned: true },
      'MalformedTrailerError',
    ],
    // Signatures that are not there.
    ['5\r\nhello\r\n0\r\n\r\n', { ...five, signatures }, 'IncompleteBody'],
    ['5;chunk-signature=a\r\nhello\r\n0\r\n\r\n', { ...five, signatures }, 'IncompleteBody'],
    [
      `5;chunk-signature=a\r\nhello\r\n0;chunk-signature=b\r\n${CHECKSUM}:NhCmhg==\r\n\r\n`,
      { ...announced, signatures, trailerSigned: true },
      'MalformedTrailerError',
    ],
  ]
  for (const [text, options, code] of cases)
    assert.equal(await codeOf(text, options), code, text.slice(0, 80))
})

const refuseAll = {
  checkChunk: () => {
    throw new S3Error('SignatureDoesNotMatch', '')
  },
  checkTrailer: () => {},
}

test('no byte of a chunk is given out before its signature was verified', async () => {
  const data = 'a'.repeat(100_000)
  const text = `186a0;chunk-signature=x\r\n${data}\r\n0;chunk-signature=y\r\n\r\n`
  const decoder = decodeAwsChunked(lend(text), { decodedBytes: 100_000, signatures: refuseAll })
  await assert.rejects(decoder.next(), { code: 'SignatureDoesNotMatch' })
})

test('a signed chunk too long to be held back flows, but a wrong signature ends it before its last byte', async () => {
  const size = 3 * 1024 ** 2
  const text = `${size.toString(16)};chunk-signature=x\r\n${'a'.repeat(size)}\r\n0;chunk-signature=y\r\n\r\n`
  const decoder = decodeAwsChunked(lend(text), { decodedBytes: size, signatures: refuseAll })
  let given = 0
  await assert.rejects(
    async () => {
      for await (const chunk of decoder) given += chunk.byteLength
    },
    { code: 'SignatureDoesNotMatch' },
  )
  assert.ok(given < size)
})

test('a size that a client makes up is refused before anything is read for it', async () => {
  let reads = 0
  async function* endless(): AsyncGenerator<Uint8Array> {
    yield Buffer.from('fffffffffffff\r\n')
    for (; ; reads++) yield Buffer.alloc(1024)
  }
  await assert.rejects(decode(endless(), { decodedBytes: 1_000 }), { code: 'IncompleteBody' })
  assert.equal(reads, 0)
})

test('the source is closed when the reader leaves early, and when the framing is wrong', async () => {
  let closed = 0
  async function* source(first: string): AsyncGenerator<Uint8Array> {
    try {
      yield Buffer.from(first)
      for (;;) yield Buffer.alloc(8 * 1024)
    } finally {
      closed++
    }
  }
  for await (const _ of decodeAwsChunked(source('fffff\r\n'), { decodedBytes: 0xfffff })) break
  assert.equal(closed, 1)
  await assert.rejects(decode(source('rubbish\r\n'), { decodedBytes: 5 }), { code: 'IncompleteBody' })
  assert.equal(closed, 2)
})

test('whatever is framed comes out the same, however the stream is cut', async () => {
  const sizes = fc.array(fc.integer({ min: 8_192, max: 30_000 }), { maxLength: 4 })
  await fc.assert(
    fc.asyncProperty(
      sizes,
      fc.integer({ min: 0, max: 9_000 }),
      fc.integer({ min: 40, max: 70_000 }),
      async (full, last, cut) => {
        const chunks = [...full, ...(last === 0 ? [] : [last])].map((size, at) => Buffer.alloc(size, at + 1))
        const data = Buffer.concat(chunks)
        const framed = Buffer.concat([
          ...chunks.flatMap((chunk) => [
            Buffer.from(`${chunk.byteLength.toString(16)}\r\n`),
            chunk,
            Buffer.from('\r\n'),
          ]),
          Buffer.from('0\r\n\r\n'),
        ])
        const { bytes } = await decode(lend(framed, cut), { decodedBytes: data.byteLength })
        assert.equal(bytes, data.toString('latin1'))
      },
    ),
    { numRuns: 50 },
  )
})
