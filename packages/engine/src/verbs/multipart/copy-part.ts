import { borrowExtents } from '../../bodies/borrow-extents.js'
import { ExtentList } from '../../bodies/extent-list.js'
import { findStretch } from '../../bodies/find-stretch.js'
import { checksumOf } from '../../bodies/read-checksum.js'
import { stageBody } from '../../bodies/stage.js'
import type { Stretch } from '../../bodies/stored-bytes.js'
import type { Draft } from '../../catalog/draft.js'
import { type FoundObject, getUpload, sourceOf, type UploadTarget } from '../../catalog/find.js'
import { getSourceRecord, sourceVersionOf } from '../../catalog/get-version.js'
import { toPart } from '../../catalog/object-info.js'
import { encodeObject } from '../../catalog/records/object-record.js'
import { changePart } from '../../commit/part-change.js'
import { referToBody } from '../../commit/references.js'
import type { Checksums } from '../../contract/integrity.js'
import type { CopiedPart, Part } from '../../contract/multipart.js'
import type { Source } from '../../contract/object.js'
import type { ByteRange, Cancel } from '../../contract/source.js'
import { busy } from '../../errors.js'
import { limits } from '../../limits.js'
import { checkWithin } from '../../rules/byte-range.js'
import { copiedEtag, plainEtag } from '../../rules/etag.js'
import { checkPartNumber } from '../../rules/part-number.js'
import { checkCopySourceConditions } from '../../rules/read-conditions.js'
import type { Works } from '../../works.js'

/** A part over a stored object's bytes: small ones are copied, those in blobs are borrowed where they lie. */
export async function copyPart(
  works: Works,
  target: UploadTarget,
  partNumber: number,
  from: Source & { range?: ByteRange },
  { signal }: Cancel,
): Promise<CopiedPart> {
  checkPartNumber(partNumber)
  const source = sourceOf(from, target)
  const { record: upload } = await getUpload(works.kv, target)
  for (let attempt = 1; attempt <= limits.commitAttempts; attempt++) {
    signal?.throwIfAborted()
    const found = await getSourceRecord(works.kv, source)
    checkCopySourceConditions(from, found.record, works.clock.now())
    if (from.range !== undefined) checkWithin(from.range, found.record.sizeBytes)
    const stretch = (await findStretch(works, found.record, from)) ?? {
      offset: 0,
      length: found.record.sizeBytes,
    }
    const copied =
      found.record.body.kind === 'inline'
        ? await copyBytes(works, target, partNumber, found, stretch, upload.checksumAlgorithm)
        : await borrow(works, target, partNumber, found, stretch, upload.checksumAlgorithm, signal)
    if (copied !== 'changed') return { ...copied, ...sourceVersionOf(found) }
  }
  throw busy(source)
}

async function copyBytes(
  works: Works,
  target: UploadTarget,
  partNumber: number,
  { row, record }: FoundObject,
  stretch: Stretch,
  checksumAlgorithm: keyof Checksums | undefined,
): Promise<Part | 'changed'> {
  const payload =
    record.sizeBytes === 0 ? new Uint8Array(0) : await works.kv.readPayload(row.key, row.revision)
  if (payload === 'changed') return 'changed'
  const bytes = payload.subarray(stretch.offset, stretch.offset + stretch.length)
  await using staged = await stageBody(works, bytes, {
    inlineMaxBytes: 0,
    etag: 'md5',
    ...(checksumAlgorithm && { checksumAlgorithm }),
  })
  const body = staged.toBody()
  const recordId = works.ids.next()
  const part = await changePart(works, target, partNumber, [staged], (_draft, _upload, nowMs) => ({
    recordId,
    etag: plainEtag(staged.md5!),
    sizeBytes: staged.sizeBytes,
    lastModifiedMs: nowMs,
    checksums: staged.checksums,
    body,
  }))
  return toPart(partNumber, part)
}

async function borrow(
  works: Works,
  target: UploadTarget,
  partNumber: number,
  found: FoundObject,
  stretch: Stretch,
  checksumAlgorithm: keyof Checksums | undefined,
  signal: AbortSignal | undefined,
): Promise<Part | 'changed'> {
  const { record, row } = found
  const sourceBody = record.body
  if (sourceBody.kind === 'inline') throw new TypeError('An inline body is copied, not borrowed.')
  // Held while its extents are read: the source may be overwritten meanwhile, which the commit will notice.
  const release = works.pins.hold(sourceBody.bodyId)
  try {
    if ((await works.kv.get(row.key))?.revision !== row.revision) return 'changed'
    await using list = new ExtentList(works)
    const body = await borrowExtents(works, list, sourceBody, stretch)
    const checksums = await checksumsOf(works, found, stretch, checksumAlgorithm, signal)
    let isChanged = false
    const part = await changePart(
      works,
      target,
      partNumber,
      [list],
      (draft, _upload, nowMs) => {
        if (isChanged) return 'changed'
        markShared(draft, found)
        return {
          recordId: list.bodyId,
          etag: copiedEtag(record.etag, stretch, record.sizeBytes),
          sizeBytes: stretch.length,
          lastModifiedMs: nowMs,
          checksums,
          body,
        }
      },
      async (draft) => {
        // Another copy may have marked it shared meanwhile, or a put replaced it: what was found of it is stale.
        isChanged = (await draft.get(row.key))?.revision !== row.revision
      },
    )
    return part === 'changed' ? part : toPart(partNumber, part)
  } finally {
    release()
  }
}

function markShared(draft: Draft, { row, record }: FoundObject): void {
  if (record.shared || record.body.kind === 'inline') return
  draft.put(row.key, encodeObject({ ...record, shared: true }))
  referToBody(draft, record.body.bodyId, record.recordId)
}

/** What is known of the stretch without reading it, unless the upload asks for a checksum. */
async function checksumsOf(
  works: Works,
  { record }: FoundObject,
  stretch: Stretch,
  wanted: keyof Checksums | undefined,
  signal: AbortSignal | undefined,
): Promise<Checksums> {
  const whole = stretch.length === record.sizeBytes && record.checksumType !== 'composite'
  if (wanted === undefined)
    return whole && record.checksums.crc64nvme ? { crc64nvme: record.checksums.crc64nvme } : {}
  const known = whole ? record.checksums[wanted] : undefined
  return { [wanted]: known ?? (await checksumOf(works, record.body, stretch, wanted, signal)) }
}
