import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { Bytes } from './fields.js'
import type { Row } from './read-rows.js'
import { xxh64 } from './xxh64.js'

export interface Extent {
  /** 0: the bytes are in the payloads of the rows of this body. */
  blobId: number
  owner: string
  offset: number
  length: number
  part?: { partNumber: number; sizeBytes: number; checksum?: string }
}

export interface Body {
  sizeBytes: number
  /** Of an inline body none. */
  extents: Extent[]
}

export function bodyOf(field: Buffer, rows: Map<string, Row>): Body {
  const bytes = new Bytes(field)
  const kind = bytes.u8()
  const sizeBytes = bytes.varint()
  if (kind === 0) return { sizeBytes, extents: [] }
  const bodyId = bytes.id()
  if (kind === 1) return { sizeBytes, extents: extentsOf(bytes, bodyId) }
  const count = bytes.varint()
  const extents: Extent[] = []
  for (let offset = 0; offset < sizeBytes; ) {
    const at = Buffer.alloc(6)
    at.writeUIntBE(offset, 0, 6)
    const row = rows.get(`e${bodyId}${at.toString('latin1')}`)
    const found = extentsOf(new Bytes(row!.value), bodyId)
    for (const { length } of found) offset += length
    extents.push(...found)
  }
  assert.equal(extents.length, count)
  return { sizeBytes, extents }
}

function extentsOf(bytes: Bytes, bodyId: string): Extent[] {
  const owners = [bodyId]
  for (let count = bytes.varint(); count > 0; count--) owners.push(bytes.id())
  const extents: Extent[] = []
  while (!bytes.done) {
    const head = bytes.varint()
    const extent: Extent = {
      owner: owners[head >> 2]!,
      blobId: bytes.varint(),
      offset: bytes.varint(),
      length: bytes.varint(),
    }
    if (head & 1) {
      extent.part = { partNumber: bytes.varint(), sizeBytes: bytes.varint() }
      if (head & 2) extent.part.checksum = bytes.take(bytes.varint()).toString('base64')
    }
    extents.push(extent)
  }
  return extents
}

/** What a body carries in its own rows, from an offset of it on. */
function payloadAt(rows: Map<string, Row>, bodyId: string, offset: number): Buffer {
  let begin = offset
  const keyOf = () => {
    const at = Buffer.alloc(6)
    at.writeUIntBE(begin, 0, 6)
    return `e${bodyId}${at.toString('latin1')}`
  }
  while (!rows.has(keyOf())) begin--
  return rows.get(keyOf())!.payload!.subarray(offset - begin)
}

/** Reads each blob once, whole, with all its checksums. */
export class Blobs {
  readonly #directory: string
  readonly #read = new Map<number, Promise<Buffer>>()

  readonly #rows: Map<string, Row>

  constructor(directory: string, rows: Map<string, Row>) {
    this.#directory = join(directory, 'blobs')
    this.#rows = rows
  }

  async *bytesOf({ extents }: Body): AsyncGenerator<Buffer> {
    for (const { blobId, owner, offset, length } of extents) {
      if (length === 0) continue
      if (blobId === 0) {
        yield payloadAt(this.#rows, owner, offset).subarray(0, length)
        continue
      }
      if (!this.#read.has(blobId)) this.#read.set(blobId, this.#payload(blobId))
      yield (await this.#read.get(blobId)!).subarray(offset, offset + length)
    }
  }

  async #payload(id: number): Promise<Buffer> {
    const name = id.toString(16).padStart(14, '0')
    const file = await readFile(join(this.#directory, name.slice(-4, -2), name))
    const seed = BigInt(id)
    const footer = file.subarray(-64)
    assert.equal(footer.toString('latin1', 0, 8), 'AQFRBLOB')
    assert.equal(footer.readUInt32LE(8), 1)
    assert.equal(footer.readUInt32LE(12), 65_536)
    assert.equal(footer.readBigUInt64LE(16), seed)
    assert.equal(footer.readBigUInt64LE(56), xxh64(footer.subarray(0, 56), seed))
    const payload = file.subarray(0, Number(footer.readBigUInt64LE(24)))
    const blocks = Math.ceil(payload.length / 65_536)
    assert.equal(file.length, payload.length + 8 * blocks + 64)
    for (let block = 0; block < blocks; block++) {
      const checksum = file.readBigUInt64LE(payload.length + 8 * block)
      assert.equal(checksum, xxh64(payload.subarray(block * 65_536, (block + 1) * 65_536), seed))
    }
    return payload
  }
}
