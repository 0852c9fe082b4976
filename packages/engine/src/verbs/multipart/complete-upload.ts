import { Buffer } from 'node:buffer'
import { ExtentList } from '../../bodies/extent-list.js'
import { extentsFrom } from '../../bodies/extents.js'
import type { Draft } from '../../catalog/draft.js'
import {
  type FoundUpload,
  findObject,
  getBucket,
  getUpload,
  parseUploadId,
  type UploadTarget,
} from '../../catalog/find.js'
import { completedUploadKey, partNumberOf, partsOf } from '../../catalog/keys.js'
import { toObjectInfo } from '../../catalog/object-info.js'
import type { Body } from '../../catalog/records/body.js'
import { decodeCompletedUpload, encodeCompletedUpload } from '../../catalog/records/completed-upload.js'
import type { PartMark } from '../../catalog/records/extent.js'
import type { ObjectRecord } from '../../catalog/records/object-record.js'
import { decodePart, type PartRecord } from '../../catalog/records/part-record.js'
import { encodeUpload, type UploadRecord } from '../../catalog/records/upload-record.js'
import { rowsUnder } from '../../catalog/scan.js'
import { statusOfNew } from '../../commit/carry.js'
import { commit } from '../../commit/commit.js'
import { type ObjectState, readForChange, turnOf, writeVersion } from '../../commit/object-change.js'
import { takeMarkBack, uploadTurn } from '../../commit/part-change.js'
import type { Caused } from '../../contract/events.js'
import type { Integrity } from '../../contract/integrity.js'
import type { CompletedPart } from '../../contract/multipart.js'
import type { ObjectInfo, WriteConditions } from '../../contract/object.js'
import type { Cancel } from '../../contract/source.js'
import { isEngineError, noSuchUpload } from '../../errors.js'
import type { Row } from '../../kv/kv.js'
import { limits } from '../../limits.js'
import { addEvent } from '../../outbox/add-event.js'
import { multipartEtag } from '../../rules/etag.js'
import { type Lock, lockOfNewVersion } from '../../rules/object-lock.js'
import { checkObjectSize, choosePart, digestOfPartList, putInOrder } from '../../rules/part-list.js'
import { checkWriteConditions } from '../../rules/write-conditions.js'
import type { Works } from '../../works.js'
import { completeReplica } from './complete-replica.js'
import { objectChecksums } from './object-checksums.js'

type Options = WriteConditions & Integrity & Cancel & Caused

export interface ChosenPart {
  readonly partNumber: number
  readonly row: Row
  readonly record: PartRecord
}

/**
 * Makes one object of the parts' bytes where they lie. A list of up to 64 extents stands in the object's
 * record and the commit checks each part's row; a longer one is written to rows of its own first, while the
 * upload is marked, so that no part can change under it.
 */
export async function completeUpload(
  works: Works,
  target: UploadTarget,
  parts: readonly CompletedPart[],
  options: Options,
): Promise<ObjectInfo> {
  options.signal?.throwIfAborted()
  const listed = putInOrder(parts, target.uploadId)
  using _turn = await works.turns.acquire([uploadTurn(target)])
  let upload: FoundUpload
  try {
    upload = await getUpload(works.kv, target)
  } catch (error) {
    if (!isEngineError(error, 'NoSuchUpload')) throw error
    return answerAgain(works, target, listed)
  }
  // A list that is long is written before the commit decides: in vain, where it would be refused.
  const isConditional = options.ifMatch !== undefined || options.ifNoneMatch !== undefined
  if (isConditional && upload.record.replicaOf === undefined) {
    const { object } = await findObject(works.kv, target)
    checkWriteConditions(options, object?.record, target)
  }
  let chosen = await choose(works, upload, target, listed)
  const long =
    chosen.reduce((count, { record }) => count + extentCount(record.body), 0) > limits.extentsInRecord
  if (long) upload = await mark(works, target, 'completing')
  try {
    // A part may have been replaced before the mark kept it still.
    if (long) chosen = await choose(works, upload, target, listed)
    const checksums = await objectChecksums(
      { uploadId: target.uploadId, record: upload.record },
      chosen,
      listed,
      options,
    )
    const sizeBytes = chosen.reduce((sum, { record }) => sum + record.sizeBytes, 0)
    checkObjectSize(sizeBytes, options)
    await using list = new ExtentList(works)
    for (const part of chosen) await addPart(works, list, part, upload)
    const body = await list.finish()
    const etag = multipartEtag(chosen.map(({ record }) => record.etag))
    const check = (draft: Draft): void => {
      draft.check(upload.row.key, upload.row)
      if (!long) for (const { row } of chosen) draft.check(row.key, row)
    }
    const objectOf = (
      given: Pick<ObjectRecord, 'recordId' | 'lastModifiedMs'> & Partial<ObjectRecord>,
    ): ObjectRecord => ({
      isDeleteMarker: false,
      shared: false,
      etag,
      sizeBytes,
      headers: upload.record.headers,
      metadata: upload.record.metadata,
      tags: upload.record.tags,
      ...(upload.record.ownerId === undefined ? {} : { ownerId: upload.record.ownerId }),
      partCount: chosen.length,
      ...checksums,
      body,
      ...given,
    })
    const finish = (draft: Draft, nowMs: number, record: ObjectRecord, info: ObjectInfo, isUsed = true) => {
      draft.delete(upload.row.key)
      const used = new Set(isUsed ? chosen.map(({ partNumber }) => partNumber) : [])
      draft.defer(nowMs, upload.uploadId, { kind: 'parts', uploadId: upload.uploadId, used })
      remember(draft, upload, target, listed, record, info.versionId, nowMs)
      return info
    }
    const { replicaOf } = upload.record
    if (replicaOf !== undefined)
      return await completeReplica(works, { target, upload, replicaOf, list, check, objectOf, finish })
    return await commit(works, {
      turns: [turnOf(target)],
      staged: [list],
      read: async (draft) => {
        check(draft)
        return readForChange(works, draft, target)
      },
      decide: (state, draft) => {
        checkWriteConditions(options, state.current?.record, target)
        const record = objectOf({
          recordId: works.ids.next(),
          lastModifiedMs: state.nowMs,
          ...lockOf(upload.record, state),
        })
        const version = writeVersion(draft, state, record)
        const status = statusOfNew(state, version)
        const info = toObjectInfo(target.key, version, state.bucket, state.lifecycle, status)
        finish(draft, state.nowMs, version, info)
        const name = 's3:ObjectCreated:CompleteMultipartUpload'
        addEvent(works, draft, state, { name, record: version, origin: options.origin })
        return info
      },
    })
  } catch (error) {
    if (long) await unmarkQuietly(works, target)
    throw error
  }
}

/** As was said or fell due by default when the upload was begun; if that was nothing, by what is the default now. */
const lockOf = ({ retention, legalHold }: UploadRecord, { bucket, nowMs }: ObjectState): Lock => ({
  ...(retention === undefined ? lockOfNewVersion(bucket, {}, nowMs) : { retention }),
  ...(legalHold === undefined ? {} : { legalHold }),
})

/** The parts as they are stored, each checked against the list. */
async function choose(
  works: Works,
  { uploadId }: FoundUpload,
  target: UploadTarget,
  listed: readonly CompletedPart[],
): Promise<ChosenPart[]> {
  const stored = new Map<number, { row: Row; record: PartRecord }>()
  for await (const row of rowsUnder(works.kv, partsOf(uploadId)))
    stored.set(partNumberOf(row.key), { row, record: decodePart(row.value) })
  return listed.map((part, at) => ({
    partNumber: part.partNumber,
    ...choosePart(part, stored.get(part.partNumber), at === listed.length - 1, target.uploadId),
  }))
}

const extentCount = (body: Body): number =>
  body.kind === 'inline' ? 1 : body.kind === 'extents' ? Math.max(1, body.extents.length) : body.extentCount

async function addPart(works: Works, list: ExtentList, part: ChosenPart, upload: FoundUpload): Promise<void> {
  const { checksumAlgorithm } = upload.record
  const checksum = checksumAlgorithm && part.record.checksums[checksumAlgorithm]
  let mark: PartMark | undefined = {
    number: part.partNumber,
    sizeBytes: part.record.sizeBytes,
    ...(checksum && { checksum: Buffer.from(checksum, 'base64') }),
  }
  for await (const { extent } of extentsFrom(works, part.record.body)) {
    await list.add(mark === undefined ? extent : { ...extent, part: mark })
    mark = undefined
  }
  // A part of no bytes has no extent of its own, yet the object remembers it.
  if (mark !== undefined) await list.add({ blobId: 0, offset: 0, length: 0, part: mark })
}

/** Sets or takes back the mark under which no part of the upload can change. */
async function mark(works: Works, target: UploadTarget, state: 'completing'): Promise<FoundUpload> {
  await commit(works, {
    turns: [],
    read: (draft) => getUpload(draft, target),
    decide: ({ row, record }, draft) => draft.put(row.key, encodeUpload({ ...record, state })),
  })
  return getUpload(works.kv, target)
}

async function unmarkQuietly(works: Works, target: UploadTarget): Promise<void> {
  try {
    await commit(works, {
      turns: [],
      read: (draft) => getUpload(draft, target),
      decide: (upload, draft) => takeMarkBack(draft, upload),
    })
  } catch {
    // A mark left behind is taken back by whoever next changes a part; the first failure is what is told.
  }
}

function remember(
  draft: Draft,
  { uploadId, bucket }: FoundUpload,
  target: UploadTarget,
  listed: readonly CompletedPart[],
  record: ObjectRecord,
  versionId: string | undefined,
  nowMs: number,
): void {
  const { etag, sizeBytes, lastModifiedMs, checksums, checksumType } = record
  const result = {
    ...{ etag, sizeBytes, lastModifiedMs, checksums },
    ...(checksumType && { checksumType }),
    ...(versionId && { versionId }),
  }
  const partsDigest = digestOfPartList(bucket.bucketId, target.key, listed)
  draft.put(completedUploadKey(uploadId), encodeCompletedUpload({ result, partsDigest }))
  draft.defer(nowMs + limits.completedUploadKeptMs, uploadId, { kind: 'completed-upload', uploadId })
}

/** The answer of an upload that was completed already, to who asks again with the same list. */
async function answerAgain(
  works: Works,
  target: UploadTarget,
  listed: readonly CompletedPart[],
): Promise<ObjectInfo> {
  const uploadId = parseUploadId(target.uploadId)
  const { bucketId } = await getBucket(works.kv, target.bucket)
  const row = uploadId && (await works.kv.get(completedUploadKey(uploadId)))
  if (row === undefined) throw noSuchUpload(target.uploadId)
  const { result, partsDigest } = decodeCompletedUpload(row.value)
  if (Buffer.compare(partsDigest, digestOfPartList(bucketId, target.key, listed)) !== 0)
    throw noSuchUpload(target.uploadId)
  const { lastModifiedMs, ...rest } = result
  return {
    key: target.key,
    isDeleteMarker: false,
    metadata: {},
    tagCount: 0,
    partCount: listed.length,
    lastModified: new Date(lastModifiedMs),
    ...rest,
  }
}
