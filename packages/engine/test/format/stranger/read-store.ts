import assert from 'node:assert/strict'
import {
  algorithmName,
  attributesOf,
  Bytes,
  checksumsOf,
  checksumTypeOf,
  etagOf,
  fieldsOf,
  open,
} from './fields.js'
import { Blobs, type Body, bodyOf } from './read-body.js'
import { type Row, readRows } from './read-rows.js'

export interface FoundObject {
  facts: Record<string, unknown>
  bytes: AsyncIterable<Buffer>
}

export interface FoundUpload {
  facts: Record<string, unknown>
  parts: { facts: Record<string, unknown>; bytes: AsyncIterable<Buffer> }[]
}

export interface FoundVersion extends FoundObject {
  key: string
  versionId: string
}

export interface FoundBucket {
  facts: Record<string, unknown>
  objects: Map<string, FoundObject>
  /** By key, those of a key from the newest on. */
  versions: FoundVersion[]
  uploads: FoundUpload[]
}

/** A whole store, as docs/format.md says that it lies on the disk. */
export async function readStore(directory: string): Promise<Map<string, FoundBucket>> {
  const rows = await readRows(directory)
  const store = new Store(rows, new Blobs(directory, rows))
  const buckets = new Map<string, FoundBucket>()
  for (const [key, { value }] of under(rows, 'b')) {
    const { bytes } = open(value)
    const bucketId = bytes.id()
    const created = time(bytes)
    const { ownerId } = attributesOf(fieldsOf(bytes))
    buckets.set(utf8(key.slice(1)), {
      facts: { created, ...(ownerId !== undefined && { ownerId }) },
      objects: store.objectsOf(bucketId),
      versions: store.versionsOf(bucketId),
      uploads: store.uploadsOf(bucketId),
    })
  }
  return buckets
}

/** In the order of their keys' bytes. */
const under = (rows: Map<string, Row>, prefix: string): [string, Row][] =>
  [...rows].filter(([key]) => key.startsWith(prefix)).sort(([a], [b]) => (a < b ? -1 : 1))

const utf8 = (latin1: string): string => Buffer.from(latin1, 'latin1').toString()
const hex = (latin1: string): string => Buffer.from(latin1, 'latin1').toString('hex')
const time = (bytes: Bytes): string => new Date(bytes.u48()).toISOString()

const NULL_VERSION = 64
const SUMMARY = 128

const isSummary = ({ value }: Row): boolean => (value[1]! & SUMMARY) !== 0

/** Where a version stands, by what its record or a summary of it says. */
function placeOf({ value }: Row): string {
  const { bytes } = open(value)
  const recordId = bytes.id()
  bytes.take(12)
  etagOf(bytes)
  const order = new Bytes(fieldsOf(bytes).get(6)!).varint()
  const place = Buffer.alloc(6)
  place.writeUIntBE(2 ** 48 - 1 - order, 0, 6)
  return place.toString('latin1') + recordId.slice(6)
}

class Store {
  readonly #rows: Map<string, Row>
  readonly #blobs: Blobs

  constructor(rows: Map<string, Row>, blobs: Blobs) {
    this.#rows = rows
    this.#blobs = blobs
  }

  objectsOf(bucketId: string): Map<string, FoundObject> {
    const prefix = `o${bucketId}`
    const rows = under(this.#rows, prefix)
    return new Map(
      rows.map(([key, row]) => {
        const name = key.slice(prefix.length)
        const current = isSummary(row) ? this.#rows.get(`v${bucketId}${name}\0${placeOf(row)}`)! : row
        return [utf8(name), this.#objectOf(current)]
      }),
    )
  }

  versionsOf(bucketId: string): FoundVersion[] {
    const found: [order: string, version: FoundVersion][] = []
    for (const family of ['o', 'd']) {
      const prefix = `${family}${bucketId}`
      for (const [rowKey, row] of under(this.#rows, prefix)) {
        if (isSummary(row)) continue
        const key = rowKey.slice(prefix.length)
        found.push([`${key}\0`, { key: utf8(key), versionId: 'null', ...this.#objectOf(row) }])
      }
    }
    const prefix = `v${bucketId}`
    for (const [rowKey, row] of under(this.#rows, prefix)) {
      const place = rowKey.slice(-16)
      assert.equal(rowKey.at(-17), '\0')
      assert.equal(place, placeOf(row))
      const key = utf8(rowKey.slice(prefix.length, -17))
      const versionId = (row.value[1]! & NULL_VERSION) === 0 ? hex(place) : 'null'
      found.push([rowKey.slice(prefix.length), { key, versionId, ...this.#objectOf(row) }])
    }
    return found.sort(([a], [b]) => (a < b ? -1 : 1)).map(([, version]) => version)
  }

  #objectOf({ value, payload }: Row): FoundObject {
    const { bytes, flags } = open(value)
    bytes.id()
    const lastModified = time(bytes)
    const sizeBytes = bytes.u48()
    const etag = etagOf(bytes)
    const fields = fieldsOf(bytes)
    const checksums = checksumsOf(fields.get(3))
    const body = fields.has(4) ? bodyOf(fields.get(4)!, this.#rows) : { sizeBytes, extents: [] }
    const checksumType = checksumTypeOf((flags >> 4) & 3)
    const partCount = fields.get(5)
    const facts = {
      ...attributesOf(fields),
      ...{ etag, sizeBytes, lastModified, checksums, isDeleteMarker: (flags & 1) !== 0 },
      ...(checksumType !== undefined && { checksumType }),
      ...(partCount && {
        partCount: new Bytes(partCount).varint(),
        parts: partsOf(body, Object.keys(checksums)[0]),
      }),
    }
    return { facts, bytes: this.#bytesOf(body, payload) }
  }

  uploadsOf(bucketId: string): FoundUpload[] {
    const prefix = `u${bucketId}`
    return under(this.#rows, prefix).map(([rowKey, { value }]) => {
      const { bytes, flags } = open(value)
      const initiated = time(bytes)
      const fields = fieldsOf(bytes)
      const id = rowKey.slice(-16)
      assert.equal(rowKey.at(-17), '\0')
      const key = utf8(rowKey.slice(prefix.length, -17))
      const checksumType = checksumTypeOf((flags >> 3) & 3)
      const checksumAlgorithm = fields.has(17) && algorithmName(fields.get(17)![0]!)
      const { ownerId } = attributesOf(fields)
      const facts = { key, uploadId: hex(id), initiated, checksumAlgorithm, checksumType, ownerId }
      return { facts, parts: under(this.#rows, `p${id}`).map(([key, row]) => this.#partOf(key, row)) }
    })
  }

  #partOf(key: string, { value, payload }: Row): FoundUpload['parts'][number] {
    const { bytes } = open(value)
    bytes.id()
    const lastModified = time(bytes)
    const sizeBytes = bytes.u48()
    const etag = etagOf(bytes)
    const fields = fieldsOf(bytes)
    const partNumber = Buffer.from(key.slice(-2), 'latin1').readUInt16BE()
    const facts = { partNumber, etag, sizeBytes, checksums: checksumsOf(fields.get(3)), lastModified }
    return { facts, bytes: this.#bytesOf(bodyOf(fields.get(4)!, this.#rows), payload) }
  }

  async *#bytesOf(body: Body, payload: Buffer | undefined): AsyncGenerator<Buffer> {
    if (payload !== undefined) yield payload
    else yield* this.#blobs.bytesOf(body)
  }
}

function partsOf({ extents }: Body, algorithm: string | undefined) {
  return extents.flatMap(({ part }) => {
    if (part === undefined) return []
    const { checksum, ...rest } = part
    return [{ ...rest, checksums: checksum === undefined ? {} : { [algorithm!]: checksum } }]
  })
}
