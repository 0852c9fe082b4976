import { Buffer } from 'node:buffer'
import type { BlobId } from '../../blobs/blobs.js'
import type { Body } from './body.js'
import { isInBlob } from './extent.js'
import { readHead, writeHead } from './fields.js'
import { RowReader } from './row-reader.js'
import { RowWriter } from './row-writer.js'

/** What a body must give back when nothing names it any more. */
export interface OwnedByBody {
  readonly bodyId: Uint8Array
  /** Blobs of its own. */
  readonly blobs: readonly BlobId[]
  /** Bodies whose blobs it borrows: it holds a reference on each. */
  readonly owners: readonly Uint8Array[]
  /** Whether its extents, and so what it owns and borrows, stand in rows of their own. */
  readonly long: boolean
}

/** Work that a commit leaves behind, to be done from a moment on. Doing it twice is harmless. */
export type Deferred =
  /** No record names the body and nobody can refer to it again. */
  | { readonly kind: 'body'; readonly owned: OwnedByBody }
  /** A reference to the body has gone: if it was the last, the body goes. */
  | { readonly kind: 'shared-body'; readonly bodyId: Uint8Array }
  /** Extent rows that a completion wrote and that no record came to name. Their blobs belong to the parts. */
  | { readonly kind: 'extent-rows'; readonly bodyId: Uint8Array }
  /** The part rows of an upload that is over; the blobs of the parts used belong to the object now. */
  | { readonly kind: 'parts'; readonly uploadId: Uint8Array; readonly used: ReadonlySet<number> }
  /** A completed upload need not be remembered any longer. */
  | { readonly kind: 'completed-upload'; readonly uploadId: Uint8Array }
  /** The uploads of a bucket that has gone. */
  | { readonly kind: 'bucket'; readonly bucketId: Uint8Array }
  /** The removal of a bucket was begun: it is to be finished, or taken back. */
  | { readonly kind: 'bucket-removal'; readonly bucket: string }
  /** The answer to a request need not be remembered any longer. */
  | { readonly kind: 'request'; readonly bucketId: Uint8Array; readonly requestId: string }
  /** A fan-out holds a body until its last target is written. If its process is gone, or it is over, the hold ends. */
  | { readonly kind: 'fan-out'; readonly bodyId: Uint8Array; readonly fanOutId: Uint8Array }
  /** The access keys of a user that has gone. */
  | { readonly kind: 'access-keys'; readonly userId: Uint8Array }
  /** A temporary key has come to its end. */
  | { readonly kind: 'temporary-key'; readonly accessKeyId: string }
  /** A version that was removed for good need not be remembered any longer. */
  | {
      readonly kind: 'removed-version'
      readonly bucketId: Uint8Array
      readonly key: string
      readonly place: Uint8Array
    }

const kinds = [
  'body',
  'shared-body',
  'extent-rows',
  'parts',
  'completed-upload',
  'bucket',
  'bucket-removal',
  'request',
  'fan-out',
  'access-keys',
  'temporary-key',
  'removed-version',
] as const

/** What a body that lies in blobs owns and borrows; undefined for one that rides on its row. */
export function ownedBy(body: Body): OwnedByBody | undefined {
  if (body.kind === 'inline') return undefined
  if (body.kind === 'long') return { bodyId: body.bodyId, blobs: [], owners: [], long: true }
  return { bodyId: body.bodyId, long: false, ...ownedIn(body.extents) }
}

/** Each blob and each owner once. */
export function ownedIn(extents: readonly { blobId: BlobId; owner?: Uint8Array }[]): {
  blobs: BlobId[]
  owners: Uint8Array[]
} {
  const blobs = new Set<BlobId>()
  const owners = new Map<string, Uint8Array>()
  for (const extent of extents) {
    if (extent.owner !== undefined) owners.set(Buffer.from(extent.owner).toString('hex'), extent.owner)
    else if (isInBlob(extent)) blobs.add(extent.blobId)
  }
  return { blobs: [...blobs], owners: [...owners.values()] }
}

function writeOwned(row: RowWriter, { bodyId, blobs, owners, long }: OwnedByBody): void {
  row.id(bodyId)
  row.u8(long ? 1 : 0)
  row.varint(blobs.length)
  for (const blob of blobs) row.varint(blob)
  row.varint(owners.length)
  for (const owner of owners) row.id(owner)
}

function readOwned(row: RowReader): OwnedByBody {
  const bodyId = row.id()
  const long = row.u8() === 1
  const blobs: BlobId[] = []
  for (let count = row.varint(); count > 0; count--) blobs.push(row.varint())
  const owners: Uint8Array[] = []
  for (let count = row.varint(); count > 0; count--) owners.push(row.id())
  return { bodyId, blobs, owners, long }
}

export function encodeOwned(owned: OwnedByBody): Uint8Array {
  const row = new RowWriter()
  writeHead(row, 0)
  writeOwned(row, owned)
  return row.finish()
}

export function decodeOwned(value: Uint8Array): OwnedByBody {
  const row = new RowReader(value, 'a kept body')
  readHead(row, 0)
  return readOwned(row)
}

export function encodeDeferred(work: Deferred): Uint8Array {
  const row = new RowWriter()
  writeHead(row, 0)
  row.u8(kinds.indexOf(work.kind))
  switch (work.kind) {
    case 'body':
      writeOwned(row, work.owned)
      break
    case 'shared-body':
    case 'extent-rows':
      row.id(work.bodyId)
      break
    case 'parts':
      row.id(work.uploadId)
      row.bytes(toBits(work.used))
      break
    case 'completed-upload':
      row.id(work.uploadId)
      break
    case 'bucket':
      row.id(work.bucketId)
      break
    case 'bucket-removal':
      row.text(work.bucket)
      break
    case 'request':
      row.id(work.bucketId)
      row.text(work.requestId)
      break
    case 'fan-out':
      row.id(work.bodyId)
      row.id(work.fanOutId)
      break
    case 'access-keys':
      row.bytes(work.userId)
      break
    case 'temporary-key':
      row.text(work.accessKeyId)
      break
    case 'removed-version':
      row.id(work.bucketId)
      row.id(work.place)
      row.text(work.key)
      break
  }
  return row.finish()
}

export function decodeDeferred(value: Uint8Array): Deferred {
  const row = new RowReader(value, 'deferred work')
  readHead(row, 0)
  const kind = kinds[row.u8()]
  switch (kind) {
    case 'body':
      return { kind, owned: readOwned(row) }
    case 'shared-body':
    case 'extent-rows':
      return { kind, bodyId: row.id() }
    case 'parts':
      return { kind, uploadId: row.id(), used: fromBits(row) }
    case 'completed-upload':
      return { kind, uploadId: row.id() }
    case 'bucket':
      return { kind, bucketId: row.id() }
    case 'bucket-removal':
      return { kind, bucket: row.text() }
    case 'request':
      return { kind, bucketId: row.id(), requestId: row.text() }
    case 'fan-out':
      return { kind, bodyId: row.id(), fanOutId: row.id() }
    case 'access-keys':
      return { kind, userId: row.bytes(32) }
    case 'temporary-key':
      return { kind, accessKeyId: row.text() }
    case 'removed-version':
      return { kind, bucketId: row.id(), place: row.id(), key: row.text() }
    default:
      throw row.corrupt('it is of an unknown kind')
  }
}

/** A bit a part number: 10,000 parts take 1,251 bytes. */
function toBits(numbers: ReadonlySet<number>): Uint8Array {
  const largest = numbers.size === 0 ? -1 : Math.max(...numbers)
  const bits = new Uint8Array((largest >> 3) + 1)
  for (const number of numbers) bits[number >> 3]! |= 1 << (number & 7)
  return bits
}

function fromBits(row: RowReader): Set<number> {
  const numbers = new Set<number>()
  for (let base = 0; !row.done; base += 8) {
    const bits = row.u8()
    for (let bit = 0; bit < 8; bit++) if (bits & (1 << bit)) numbers.add(base + bit)
  }
  return numbers
}
