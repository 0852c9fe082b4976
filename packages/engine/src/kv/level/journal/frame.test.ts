import assert from 'node:assert/strict'
import test from 'node:test'
import fc from 'fast-check'
import {
  decodeFrameHeader,
  decodePayload,
  decodeRows,
  encodeFrame,
  FRAME_HEADER_BYTES,
  type FrameSpot,
  measureFrame,
  type NewRecord,
  PAYLOAD_CHECKSUM_BYTES,
  recordKind,
} from './frame.js'

const bytes = (constraints: fc.IntArrayConstraints) => fc.uint8Array(constraints)
const revision = fc.nat(2 ** 30).map((n) => n * 2 ** 17 + 1)
const record: fc.Arbitrary<NewRecord> = fc.oneof(
  fc
    .record({
      key: bytes({ minLength: 1 }),
      value: bytes({}),
      revision,
      payload: fc.option(bytes({ minLength: 1 })),
    })
    .map(({ payload, ...row }) => ({
      ...row,
      kind: recordKind.put,
      payload: payload ?? undefined,
      payloadBytes: payload?.byteLength ?? 0,
    })),
  fc.record({ key: bytes({ minLength: 1 }), revision }).map((row) => ({
    ...row,
    kind: recordKind.delete,
    value: new Uint8Array(0),
    payload: undefined,
    payloadBytes: 0,
  })),
  fc
    .record({ key: bytes({ minLength: 1 }), value: bytes({}), revision, payloadBytes: fc.nat() })
    .map((row) => ({
      ...row,
      kind: recordKind.putWithoutItsPayload,
      payload: undefined,
    })),
)
const header = fc.record(
  { sequence: revision, lastRevision: revision, lowestLive: fc.nat() },
  { noNullPrototype: true },
)
const spot: fc.Arbitrary<FrameSpot> = fc.record({
  seed: fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }),
  offset: fc.nat(1_000_000).map((n) => n * 8),
})
const frame = fc.record({ records: fc.array(record, { maxLength: 8 }), header, spot })

function encoded({ records, header, spot }: typeof frame extends fc.Arbitrary<infer T> ? T : never) {
  const sizes = measureFrame(records)
  const target = Buffer.alloc(sizes.sizeBytes, 0xaa)
  return { target, places: encodeFrame(target, records, sizes, header, spot) }
}

/** What a reader gets, or undefined where it is not told that all is well. */
function decoded(target: Buffer, spot: FrameSpot) {
  const header = decodeFrameHeader(target, spot)
  if (header === undefined || header.sizeBytes > target.byteLength) return undefined
  const rows = target.subarray(FRAME_HEADER_BYTES, FRAME_HEADER_BYTES + header.rowsBytes)
  const records = decodeRows(rows, header, spot)?.map((record) => {
    if (record.kind !== recordKind.put || record.payloadBytes === 0) return { ...record, payload: undefined }
    const from = record.payloadOffset - spot.offset
    const at = { seed: spot.seed, offset: record.payloadOffset }
    const payload = decodePayload(
      target.subarray(from, from + record.payloadBytes + PAYLOAD_CHECKSUM_BYTES),
      at,
    )
    return payload && { ...record, payload }
  })
  if (records === undefined || records.includes(undefined)) return undefined
  return { header, records }
}

const plain = ({ kind, key, value, revision, payloadBytes, payload }: NewRecord) => ({
  kind,
  key: [...key],
  value: [...value],
  revision,
  payloadBytes,
  payload: payload && [...payload],
})

test('a frame is read as it was written, each record and payload where it was said to be', () => {
  fc.assert(
    fc.property(frame, (written) => {
      const { target, places } = encoded(written)
      const read = decoded(target, written.spot)!
      const { sequence, lastRevision, lowestLive } = read.header
      assert.deepEqual({ sequence, lastRevision, lowestLive }, written.header)
      assert.deepEqual(
        read.records.map((each) => plain(each!)),
        written.records.map(plain),
      )
      for (const [i, { recordOffset, payloadOffset }] of places.entries()) {
        assert.equal(read.records[i]!.recordOffset, recordOffset)
        if (written.records[i]!.payload !== undefined)
          assert.equal(read.records[i]!.payloadOffset, payloadOffset)
      }
    }),
  )
})

test('no flipped bit goes unnoticed, but in the padding', () => {
  fc.assert(
    fc.property(frame, fc.nat(), fc.nat(7), (written, at, bit) => {
      const { target } = encoded(written)
      const header = decodeFrameHeader(target, written.spot)!
      const filled = FRAME_HEADER_BYTES + header.rowsBytes + header.payloadsBytes
      target[at % filled]! ^= 1 << bit
      assert.equal(decoded(target, written.spot), undefined)
    }),
    { numRuns: 500 },
  )
})

test('a frame is none at another offset, and none under another seed', () => {
  fc.assert(
    fc.property(frame, spot, (written, other) => {
      fc.pre(other.offset !== written.spot.offset || other.seed !== written.spot.seed)
      fc.pre(other.seed + BigInt(other.offset) !== written.spot.seed + BigInt(written.spot.offset))
      assert.equal(decodeFrameHeader(encoded(written).target, other), undefined)
    }),
  )
})

test('rows that are no rows are refused, though their checksums were right', () => {
  fc.assert(
    fc.property(
      bytes({ maxLength: 200 }),
      fc.nat(5),
      fc.nat(200),
      spot,
      (rows, recordCount, payloadsBytes, at) => {
        const target = Buffer.alloc(1_000)
        const sizes = measureFrame([])
        encodeFrame(target, [], sizes, { sequence: 1, lastRevision: 1, lowestLive: 1 }, at)
        const header = {
          ...decodeFrameHeader(target, at)!,
          rowsBytes: rows.byteLength,
          recordCount,
          payloadsBytes,
        }
        // Whatever it says, it must not throw.
        decodeRows(Buffer.from(rows), header, at)
      },
    ),
  )
})
