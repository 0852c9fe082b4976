import assert from 'node:assert/strict'
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { xxh64 } from './xxh64.js'

// Made after docs/format.md: nothing in this folder may be imported from the engine.

export interface Row {
  value: Buffer
  payload: Buffer | undefined
}

/** The rows of a store, by their keys in Latin-1, read from the journal without the index. */
export async function readRows(directory: string): Promise<Map<string, Row>> {
  const segments = new Map<number, Segment>()
  for (const name of await readdir(join(directory, 'journal'))) {
    if (!name.endsWith('.segment')) continue
    const bytes = await readFile(join(directory, 'journal', name))
    segments.set(Number.parseInt(name, 10), readSegment(bytes))
  }
  const rows = new Map<string, Row>()
  let sequence: number | undefined
  for (const { segment, end } of chainOf(segments)) {
    for (const frame of framesOf(segment, end)) {
      assert.equal(frame.sequence, sequence ?? frame.sequence, 'the sequences have no gap')
      sequence = frame.sequence + 1
      for (const { key, row } of frame.records) {
        if (row === undefined) rows.delete(key)
        else rows.set(key, row)
      }
    }
  }
  return rows
}

interface Segment {
  bytes: Buffer
  number: number
  previousNumber: number
  previousSealedBytes: number
  lowestLive: number
  seed: bigint
}

const HEADER_BYTES = 8_192

function readSegment(bytes: Buffer): Segment {
  for (const copy of [bytes.subarray(0, 4_096), bytes.subarray(4_096, 8_192)]) {
    if (copy.toString('latin1', 0, 7) !== 'AQSEGMT' || copy[7] !== 1) continue
    if (copy.readBigUInt64LE(88) !== xxh64(copy.subarray(0, 88), 0n)) continue
    const number = Number(copy.readBigUInt64LE(24))
    return {
      bytes,
      number,
      previousNumber: Number(copy.readBigUInt64LE(40)),
      previousSealedBytes: Number(copy.readBigUInt64LE(48)),
      lowestLive: Number(copy.readBigUInt64LE(72)),
      seed: copy.readBigUInt64LE(80) + BigInt(number) * 2n ** 32n,
    }
  }
  return assert.fail('a segment has no good header')
}

/** From the lowest live segment to the newest, each with the end of its frames where that is known. */
function chainOf(segments: Map<number, Segment>): { segment: Segment; end?: number }[] {
  let segment = segments.get(Math.max(...segments.keys()))!
  const lowestLive = [...framesOf(segment)].at(-1)?.lowestLive ?? segment.lowestLive
  const chain: { segment: Segment; end?: number }[] = [{ segment }]
  while (segment.previousNumber !== 0 && segment.previousNumber >= lowestLive) {
    const end = segment.previousSealedBytes
    segment = segments.get(segment.previousNumber)!
    chain.unshift({ segment, end })
  }
  return chain
}

interface Frame {
  sequence: number
  lowestLive: number
  records: { key: string; row: Row | undefined }[]
}

function* framesOf({ bytes, seed }: Segment, end = bytes.length): Generator<Frame> {
  for (let at = HEADER_BYTES; at + 56 <= end; ) {
    const isFrame = bytes.toString('latin1', at, at + 4) === 'AQfr'
    if (!isFrame || bytes.readBigUInt64LE(at + 48) !== xxh64(bytes.subarray(at, at + 48), seed + BigInt(at)))
      return
    const rowsBytes = bytes.readUInt32LE(at + 4)
    const payloadsBytes = bytes.readUInt32LE(at + 8)
    const rows = bytes.subarray(at + 56, at + 56 + rowsBytes)
    if (bytes.readBigUInt64LE(at + 40) !== xxh64(rows, seed + BigInt(at + 56))) return
    yield {
      sequence: Number(bytes.readBigUInt64LE(at + 16)),
      lowestLive: Number(bytes.readBigUInt64LE(at + 32)),
      records: recordsOf(bytes, seed, at + 56, rowsBytes, bytes.readUInt32LE(at + 12)),
    }
    at += Math.ceil((56 + rowsBytes + payloadsBytes) / 8) * 8
  }
}

function recordsOf(
  bytes: Buffer,
  seed: bigint,
  from: number,
  rowsBytes: number,
  count: number,
): Frame['records'] {
  const records: Frame['records'] = []
  let at = from
  let payloadAt = from + rowsBytes
  for (let n = 0; n < count; n++) {
    const kind = bytes.readUInt16LE(at)
    const keyBytes = bytes.readUInt16LE(at + 2)
    const valueBytes = bytes.readUInt16LE(at + 4)
    const payloadBytes = bytes.readUInt32LE(at + 6)
    const key = bytes.toString('latin1', at + 16, at + 16 + keyBytes)
    const value = bytes.subarray(at + 16 + keyBytes, at + 16 + keyBytes + valueBytes)
    at += 16 + keyBytes + valueBytes
    let payload: Buffer | undefined
    if (kind === 1 && payloadBytes > 0) {
      payload = bytes.subarray(payloadAt, payloadAt + payloadBytes)
      const checksum = bytes.readBigUInt64LE(payloadAt + payloadBytes)
      assert.equal(checksum, xxh64(payload, seed + BigInt(payloadAt)))
      payloadAt += payloadBytes + 8
    }
    assert.ok(kind === 1 || kind === 2, 'no payload of this store is lost')
    records.push({ key, row: kind === 2 ? undefined : { value, payload } })
  }
  return records
}
