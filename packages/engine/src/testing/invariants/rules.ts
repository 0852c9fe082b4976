import type { BlobId } from '../../blobs/blobs.js'
import { isInBlob } from '../../catalog/records/extent.js'
import { type HeldBody, isNamed } from './held-bodies.js'
import { identityRules } from './identity-rules.js'
import { lifecycleRules } from './lifecycle-rules.js'
import { leavingBuckets, type Picture, type Rule } from './picture.js'
import { replicationRules } from './replication-rules.js'
import { type Id, idOf, isReserved, isUnsettled, rowWithByte } from './stored-rows.js'
import { versionRules } from './version-rules.js'

function* unreadableRow({ rows }: Picture) {
  yield* rows.unreadable
}

/** Each bucket has an identity of its own, and what is in a bucket belongs to one that is there. */
function* withoutBucket({ rows }: Picture) {
  const ids = new Set(rows.buckets.map(({ id }) => id))
  if (ids.size < rows.buckets.length) yield 'two buckets have the same id'
  const leaving = leavingBuckets(rows)
  for (const { bucketId, key } of rows.objects)
    if (!ids.has(bucketId) && !leaving.has(bucketId))
      yield `object "${key}" belongs to bucket ${bucketId}, which is not there`
  for (const { bucketId, name, row } of rows.documents)
    if (row.payloadBytes === 0) yield `document "${name}" of bucket ${bucketId} is empty`
  for (const [uploadId, { bucketId, key }] of rows.uploads)
    if (!ids.has(bucketId) && !leaving.has(bucketId))
      yield `upload ${uploadId} of "${key}" belongs to bucket ${bucketId}, which is not there`
  for (const { bucketId, name } of rows.documents)
    if (!ids.has(bucketId) && !leaving.has(bucketId))
      yield `document "${name}" belongs to bucket ${bucketId}, which is not there`
}

/** A part belongs to an upload, or to one that is over and whose parts will be taken away. */
function* forgottenPart({ rows, endedUploads }: Picture) {
  for (const { uploadId, number } of rows.parts)
    if (!rows.uploads.has(uploadId) && !endedUploads.has(uploadId))
      yield `part ${number} of upload ${uploadId} has no upload, and nothing will take it away`
}

/** What is remembered of a completed upload is forgotten some day. */
function* forgottenCompletion({ rows }: Picture) {
  const leaving = new Set(
    rows.deferred.flatMap(({ work }) => (work.kind === 'completed-upload' ? [idOf(work.uploadId)] : [])),
  )
  for (const id of rows.completedUploads)
    if (!leaving.has(id)) yield `the completed upload ${id} is remembered for ever`
}

/** So it is with the answers to requests. */
function* forgottenRequest({ rows }: Picture) {
  const leaving = new Set(
    rows.deferred.flatMap(({ work }) =>
      work.kind === 'request' ? [`${idOf(work.bucketId)} ${work.requestId}`] : [],
    ),
  )
  for (const request of rows.requests)
    if (!leaving.has(request)) yield `the request ${request} is remembered for ever`
}

/** A bucket says that it has rules for notifications exactly where it has them, and which. */
function* wrongNotification({ rows }: Picture) {
  const documents = new Set(
    rows.documents.flatMap(({ bucketId, name }) => (name === 'notification' ? [bucketId] : [])),
  )
  for (const { id, name, record } of rows.buckets)
    if ((record.notification !== undefined) !== documents.has(id))
      yield `bucket "${name}" ${documents.has(id) ? 'has rules that it does not know of' : 'has lost its rules'}`
}

/** Events of a key lie in the order of their commits. */
function* eventsOutOfOrder({ rows }: Picture) {
  const last = new Map<string, number>()
  for (const { target, isDead, revision, record } of rows.events) {
    if (isDead || record.attempts?.count === 0) continue // Given up, or driven again behind others.
    const key = `${target} ${record.bucket}/${record.key}`
    if ((last.get(key) ?? 0) > revision) yield `events of ${key} are out of order`
    last.set(key, revision)
  }
}

/** What a record says of its size is what it holds. */
function* wrongSize({ rows, bodies }: Picture) {
  for (const { key, row, record } of rows.objects)
    if (record.body.kind === 'inline' && row.payloadBytes !== record.sizeBytes)
      yield `object "${key}" has ${record.sizeBytes} bytes and a payload of ${row.payloadBytes}`
  for (const { label, record, extents = [], body } of bodies) {
    if (record === undefined || body === undefined) continue
    const length = extents.reduce((sum, extent) => sum + extent.length, 0)
    if (length !== record.sizeBytes || body.sizeBytes !== record.sizeBytes)
      yield `${label} has ${record.sizeBytes} bytes; its body says ${body.sizeBytes}, its extents ${length}`
    if (body.kind === 'long' && body.extentCount !== extents.length)
      yield `${label} counts ${body.extentCount} extents and has ${extents.length}`
  }
}

/** Rows of extents follow each other without a gap, and belong to a body that something knows of. */
function* forgottenExtents({ rows, bodiesById }: Picture) {
  for (const [id, found] of rows.extents) {
    const holders = bodiesById.get(id) ?? []
    if (!holders.some(({ isLong }) => isLong)) yield `rows of extents of body ${id} belong to nothing`
    if (!holders.some(isNamed)) continue
    let next = 0
    for (const { offset, extents } of found) {
      if (offset !== next) yield `the extents of body ${id} at byte ${next} are missing`
      next = offset + extents.reduce((sum, { length }) => sum + length, 0)
    }
  }
}

/** Every blob that a record's bytes lie in is there. */
function* missingBlob({ bodies, blobs }: Picture) {
  for (const held of bodies.filter(isNamed))
    for (const { blobId } of held.extents ?? [])
      if (blobId !== 0 && !blobs.has(blobId)) yield `${held.label} lies in blob ${blobId}, which is not there`
}

/** Bytes that a body carries in its own rows are there, for itself and for those who borrow them. */
function* missingPayload({ rows, bodies }: Picture) {
  for (const held of bodies.filter(isNamed))
    for (const { blobId, owner, offset, length } of held.extents ?? []) {
      if (blobId !== 0 || length === 0) continue
      const found = rowWithByte(rows, owner === undefined ? held.id : idOf(owner), offset)
      if (found === undefined || found.offset + found.row.payloadBytes < offset + length)
        yield `${held.label} has ${length} bytes in a row of extents that does not have them`
    }
}

/** Every blob belongs to a body that something knows of, or recovery will find it among the unsettled ids. */
function* forgottenBlob({ rows, bodies, blobs }: Picture) {
  const known = new Set(bodies.flatMap(({ hold, blobs }) => (hold === 'spent' ? [] : [...blobs])))
  for (const id of blobs)
    if (!known.has(id) && !isUnsettled(rows, id)) yield `blob ${id} belongs to nothing and will never go`
}

/** Nothing that is still needed is about to be removed. */
function* liveBlobInDanger({ rows, bodies }: Picture) {
  const doomed = new Map<BlobId, string>()
  for (const { hold, blobs, label } of bodies)
    if (hold === 'condemned') for (const blob of blobs) doomed.set(blob, label)
  for (const held of bodies.filter((each) => isNamed(each) || each.hold === 'kept')) {
    const borrowed = (held.extents ?? []).filter(isInBlob).map(({ blobId }) => blobId)
    for (const id of new Set([...held.blobs, ...borrowed])) {
      if (doomed.has(id)) yield `${held.label} lies in blob ${id}, which ${doomed.get(id)} will take away`
      if (isUnsettled(rows, id)) yield `${held.label} lies in blob ${id}, which recovery would remove`
      if (!isReserved(rows, id)) yield `${held.label} lies in blob ${id}, whose id will be given again`
    }
  }
}

/** Extent rows that will be taken away are not those of a record. */
function* liveExtentsInDanger({ bodies, bodiesById }: Picture) {
  for (const { id, hold } of bodies)
    if (hold === 'staged')
      for (const named of (bodiesById.get(id) ?? []).filter(isNamed))
        yield `the extents of ${named.label} will go`
}

/** A blob belongs to one body alone. */
function* blobOwnedTwice({ bodies }: Picture) {
  const owners = new Map<BlobId, HeldBody>()
  for (const held of bodies) {
    if (held.hold === 'condemned' || held.hold === 'spent') continue
    for (const blob of held.blobs) {
      const other = owners.get(blob)
      if (other !== undefined && other.id !== held.id)
        yield `blob ${blob} belongs to ${other.label} and to ${held.label}`
      owners.set(blob, held)
    }
  }
}

/** Borrowed bytes lie in blobs of a body that is there. */
function* ownerGone({ bodies, bodiesById }: Picture) {
  for (const held of bodies.filter(isNamed)) {
    for (const { owner, blobId, length } of held.extents ?? []) {
      if (owner === undefined || length === 0) continue
      const owners = (bodiesById.get(idOf(owner)) ?? []).filter(
        ({ hold }) => hold === 'object' || hold === 'kept',
      )
      if (owners.length === 0) yield `${held.label} borrows from body ${idOf(owner)}, which is not there`
      else if (blobId !== 0 && !owners.some(({ blobs }) => blobs.has(blobId)))
        yield `${held.label} borrows blob ${blobId} of body ${idOf(owner)}, which does not own it`
    }
  }
}

/** Who needs a body that others need too says so: a record that is marked as shared, a body that borrows. */
function* missingReference({ rows, bodies, bodiesById }: Picture) {
  const isReferred = (body: Id, holder: Id) => rows.references.get(body)?.has(holder) === true
  for (const held of bodies) {
    if (held.record?.shared === true && !isReferred(held.id, held.record.id))
      yield `${held.label} is shared and has no reference to its body`
    const others = (bodiesById.get(held.id) ?? []).filter(
      (other) => other.record !== undefined && other !== held,
    )
    if (held.record?.shared === false && others.length > 0)
      yield `${held.label} has the same body as ${others[0]!.label} and is not marked as shared`
    if (held.hold === 'condemned' || held.hold === 'staged') continue // Reclaim lets go of them first.
    for (const owner of held.owners)
      if (!isReferred(owner, held.id))
        yield `${held.label} borrows from body ${owner} and has no reference to it`
  }
}

/** A reference is held by someone who needs it, on a body that knows of being shared. */
function* forgottenReference({ rows, bodies, bodiesById }: Picture) {
  const records = new Map(bodies.flatMap((held) => (held.record ? [[held.record.id, held] as const] : [])))
  const fanOuts = new Map(
    rows.deferred.flatMap(({ work }) =>
      work.kind === 'fan-out' ? [[idOf(work.fanOutId), idOf(work.bodyId)] as const] : [],
    ),
  )
  for (const [body, holders] of rows.references) {
    for (const holder of holders) {
      const record = records.get(holder)
      const borrowers = (bodiesById.get(holder) ?? []).filter(({ owners }) => owners.has(body))
      const isFanOut = fanOuts.get(holder) === body
      if (!isFanOut && !(record?.id === body && record.record?.shared === true) && borrowers.length === 0)
        yield `${holder} holds a reference to body ${body} and does not use it`
      // A list being made refers to a body before the commit that marks it; if that never comes, the body may go.
      if (borrowers.length > 0 && borrowers.every(({ hold }) => hold === 'staged')) continue
      const owners = (bodiesById.get(body) ?? []).filter(({ hold }) => hold === 'object' || hold === 'kept')
      if (owners.length === 0) yield `${holder} holds a reference to body ${body}, which is not there`
      for (const owner of owners)
        if (owner.record?.shared === false)
          yield `${owner.label} is referred to by ${holder} and not marked as shared`
    }
  }
}

/** A kept body has someone who needs it, or work that will free it. */
function* forgottenBody({ rows }: Picture) {
  const leaving = new Set(
    rows.deferred.flatMap(({ work }) => (work.kind === 'shared-body' ? [idOf(work.bodyId)] : [])),
  )
  for (const id of rows.kept.keys())
    if (!rows.references.has(id) && !leaving.has(id)) yield `body ${id} is kept and nothing will free it`
}

/** A blob id is settled within its run, and a run is one that was reserved. */
function* blobIdRuns({ rows }: Picture) {
  for (const id of rows.settledWithoutRun) yield `blob id ${id} is settled and its run is not there`
  for (const run of rows.runs.keys())
    if (run >= rows.nextRun) yield `run ${run} of blob ids is there and will be reserved again`
}

/** Every rule about a store at rest, by the name that its findings have. */
export const rules: Readonly<Record<string, Rule>> = {
  'unreadable-row': unreadableRow,
  'without-bucket': withoutBucket,
  ...versionRules,
  ...lifecycleRules,
  ...identityRules,
  ...replicationRules,
  'forgotten-part': forgottenPart,
  'forgotten-completion': forgottenCompletion,
  'forgotten-request': forgottenRequest,
  'wrong-notification': wrongNotification,
  'events-out-of-order': eventsOutOfOrder,
  'wrong-size': wrongSize,
  'forgotten-extents': forgottenExtents,
  'missing-blob': missingBlob,
  'missing-payload': missingPayload,
  'forgotten-blob': forgottenBlob,
  'live-blob-in-danger': liveBlobInDanger,
  'live-extents-in-danger': liveExtentsInDanger,
  'blob-owned-twice': blobOwnedTwice,
  'owner-gone': ownerGone,
  'missing-reference': missingReference,
  'forgotten-reference': forgottenReference,
  'forgotten-body': forgottenBody,
  'blob-id-runs': blobIdRuns,
}
