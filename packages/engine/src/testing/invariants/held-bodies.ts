import type { BlobId } from '../../blobs/blobs.js'
import type { Body } from '../../catalog/records/body.js'
import { type OwnedByBody, ownedIn } from '../../catalog/records/deferred-record.js'
import type { Extent } from '../../catalog/records/extent.js'
import { type Id, idOf, type StoredRows } from './stored-rows.js'

/**
 * What keeps a body: a record that names it; being shared, though its own record has gone; work that will free it;
 * or the guard of a list that is still being made. A spent part's blobs belong to the object that was made of it.
 */
export type Hold = 'object' | 'part' | 'spent' | 'kept' | 'condemned' | 'staged'

export interface HeldBody {
  readonly id: Id
  readonly hold: Hold
  /** For people. */
  readonly label: string
  /** Blobs of its own. */
  readonly blobs: ReadonlySet<BlobId>
  /** Bodies whose blobs it borrows. */
  readonly owners: ReadonlySet<Id>
  /** Known where a record, or rows of its own, list them. */
  readonly extents?: readonly Extent[]
  /** Of a record: its identity and whether it says that others may refer to the body. */
  readonly record?: { readonly id: Id; readonly shared: boolean; readonly sizeBytes: number }
  readonly body?: Body
  readonly isLong: boolean
}

/** Bodies that must be readable. */
export const isNamed = ({ hold }: HeldBody): boolean => hold === 'object' || hold === 'part'

/** Uploads whose parts a deferred piece of work will take away, with the numbers that an object uses. */
export type EndedUploads = ReadonlyMap<Id, ReadonlySet<number>>

/** All bodies in blobs that anything in the store still knows of. */
export function heldBodies(rows: StoredRows, endedUploads: EndedUploads): HeldBody[] {
  const held: HeldBody[] = []
  const add = (hold: Hold, label: string, body: Body, record: NonNullable<HeldBody['record']>) => {
    if (body.kind === 'inline') return
    const id = idOf(body.bodyId)
    const isLong = body.kind === 'long'
    const extents = body.kind === 'long' ? extentsOf(rows, id) : body.extents
    held.push({ id, hold, label, ...ownedBy(extents), extents, record, body, isLong })
  }
  for (const { bucketId, key, record } of rows.objects) {
    const { recordId, shared, sizeBytes } = record
    add('object', `object "${key}" of bucket ${bucketId}`, record.body, {
      id: idOf(recordId),
      shared,
      sizeBytes,
    })
  }
  for (const { uploadId, number, record } of rows.parts) {
    const { recordId, sizeBytes } = record
    const facts = { id: idOf(recordId), shared: false, sizeBytes }
    const hold = endedUploads.get(uploadId)?.has(number) === true ? 'spent' : 'part'
    add(hold, `part ${number} of upload ${uploadId}`, record.body, facts)
  }
  for (const [id, owned] of rows.kept) {
    // Without a reference it is being freed: it may have given back already what it borrowed.
    held.push(heldBy(rows, rows.references.has(id) ? 'kept' : 'condemned', owned))
  }
  for (const { work } of rows.deferred) {
    if (work.kind === 'body') held.push(heldBy(rows, 'condemned', work.owned))
    if (work.kind === 'extent-rows') {
      const id = idOf(work.bodyId)
      // Their blobs are the parts' own; what is borrowed is held.
      const { owners } = ownedBy(extentsOf(rows, id))
      held.push({ id, hold: 'staged', label: `staged body ${id}`, blobs: new Set(), owners, isLong: true })
    }
  }
  return held
}

function heldBy(rows: StoredRows, hold: 'kept' | 'condemned', owned: OwnedByBody): HeldBody {
  const id = idOf(owned.bodyId)
  const label = `${hold} body ${id}`
  if (owned.long) {
    const extents = extentsOf(rows, id)
    return { id, hold, label, ...ownedBy(extents), extents, isLong: true }
  }
  const owners = new Set(owned.owners.map(idOf))
  return { id, hold, label, blobs: new Set(owned.blobs), owners, isLong: false }
}

function ownedBy(extents: readonly Extent[]): { blobs: Set<BlobId>; owners: Set<Id> } {
  const { blobs, owners } = ownedIn(extents)
  return { blobs: new Set(blobs), owners: new Set(owners.map(idOf)) }
}

const extentsOf = (rows: StoredRows, body: Id): Extent[] =>
  (rows.extents.get(body) ?? []).flatMap(({ extents }) => extents)
