import type { BlobStore } from '../../blobs/blobs.js'
import type { Body } from '../../catalog/records/body.js'
import { type Extent, isInBlob } from '../../catalog/records/extent.js'
import type { ChecksumAlgorithm, Checksums, ChecksumType } from '../../contract/integrity.js'
import type { KvStore, Row } from '../../kv/kv.js'
import { type Checksum, createChecksum } from '../../streams/checksums.js'
import { isNamed } from './held-bodies.js'
import type { Picture } from './picture.js'
import { idOf, rowWithByte, type StoredRows } from './stored-rows.js'

/** Reads every byte of every object and part, and says of which they are not those that were written. */
export async function* wrongBytes(
  { rows, bodies }: Picture,
  stores: { readonly kv: KvStore; readonly blobs: BlobStore },
): AsyncGenerator<string, void, undefined> {
  for (const { key, row, record } of rows.objects) {
    const extents = bodies.find((held) => held.body === record.body)?.extents ?? []
    const bytes = read({ ...stores, rows }, record.body, extents, row)
    yield* examine(`object "${key}"`, bytes, expectedOf(record))
  }
  for (const { uploadId, number, record } of rows.parts) {
    const held = bodies.find((each) => each.body === record.body)
    if (held === undefined || !isNamed(held)) continue
    // The ETag of a copied part need not be the MD5 of its bytes.
    const expected = { ...record, etag: '', checksumType: 'full-object' as const }
    const bytes = read({ ...stores, rows }, record.body, held.extents ?? [])
    yield* examine(`part ${number} of upload ${uploadId}`, bytes, expectedOf(expected))
  }
}

async function* examine(
  label: string,
  bytes: AsyncIterable<Uint8Array>,
  expected: ReadonlyMap<ChecksumAlgorithm, Uint8Array>,
): AsyncGenerator<string, void, undefined> {
  const checksums = new Map<ChecksumAlgorithm, Checksum>()
  for (const algorithm of expected.keys()) checksums.set(algorithm, await createChecksum(algorithm))
  try {
    for await (const chunk of bytes) for (const checksum of checksums.values()) checksum.update(chunk)
  } catch (error) {
    yield `${label} cannot be read: ${error}`
    return
  }
  for (const [algorithm, checksum] of checksums)
    if (Buffer.compare(checksum.digest(), expected.get(algorithm)!) !== 0)
      yield `${label} has other bytes than those whose ${algorithm} was stored`
}

function expectedOf({
  etag,
  checksums,
  checksumType,
}: {
  etag: string
  checksums: Checksums
  checksumType?: ChecksumType
}): Map<ChecksumAlgorithm, Uint8Array> {
  const expected = new Map<ChecksumAlgorithm, Uint8Array>()
  if (/^[0-9a-f]{32}$/.test(etag)) expected.set('md5', Buffer.from(etag, 'hex'))
  if (checksumType === 'full-object')
    for (const [algorithm, value] of Object.entries(checksums) as [ChecksumAlgorithm, string][])
      expected.set(algorithm, Buffer.from(value, 'base64'))
  return expected
}

interface Found {
  readonly kv: KvStore
  readonly blobs: BlobStore
  readonly rows: StoredRows
}

async function* read(
  found: Found,
  body: Body,
  extents: readonly Extent[],
  row?: Row,
): AsyncGenerator<Uint8Array, void, undefined> {
  if (body.kind === 'inline') {
    if (row !== undefined && row.payloadBytes > 0) yield await payloadOf(found, row)
    return
  }
  for (const extent of extents) {
    const { blobId, offset, length, owner = body.bodyId } = extent
    if (isInBlob(extent)) yield* found.blobs.read(blobId, { offset, length })
    else if (length > 0) {
      const holder = rowWithByte(found.rows, idOf(owner), offset)
      if (holder === undefined) throw new Error('a row of its extents is missing')
      const at = offset - holder.offset
      yield (await payloadOf(found, holder.row)).subarray(at, at + length)
    }
  }
}

async function payloadOf({ kv }: Found, row: Row): Promise<Uint8Array> {
  const payload = await kv.readPayload(row.key, row.revision)
  if (payload === 'changed') throw new Error('it has changed, and nothing should be under way')
  return payload
}
