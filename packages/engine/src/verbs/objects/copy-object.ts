import { Buffer } from 'node:buffer'
import { openRecord } from '../../bodies/open-record.js'
import type { Draft } from '../../catalog/draft.js'
import { type FoundObject, findObject, getObjectRecord, type ObjectTarget } from '../../catalog/find.js'
import { toObjectInfo } from '../../catalog/object-info.js'
import { encodeObject, type ObjectRecord } from '../../catalog/records/object-record.js'
import { commit } from '../../commit/commit.js'
import { keyOf, type ObjectState, readForChange, turnOf, writeObject } from '../../commit/object-change.js'
import { referToBody } from '../../commit/references.js'
import type { Checksums } from '../../contract/integrity.js'
import type { CopyOptions, ObjectInfo, Source } from '../../contract/object.js'
import { busy, noSuchKey, selfCopyWithoutChange } from '../../errors.js'
import type { Revision } from '../../kv/kv.js'
import { limits } from '../../limits.js'
import { countedPartsOf } from '../../rules/append.js'
import { checkAttributes, headersOf } from '../../rules/attributes.js'
import { checkKeyName } from '../../rules/key-name.js'
import { checkCopySourceConditions } from '../../rules/read-conditions.js'
import { checkTags } from '../../rules/tags.js'
import { checkWriteConditions } from '../../rules/write-conditions.js'
import { createChecksum } from '../../streams/checksums.js'
import type { Works } from '../../works.js'

interface CopyState {
  readonly source: FoundObject
  readonly target: ObjectState
  /** A small source's bytes, which are copied by value. */
  readonly payload: Uint8Array | undefined
}

/** A new record over the source's bytes: small ones are copied with it, large ones are shared. */
export async function copyObject(
  works: Works,
  from: Source,
  target: ObjectTarget,
  options: CopyOptions,
): Promise<ObjectInfo> {
  options.signal?.throwIfAborted()
  const source: ObjectTarget = { bucket: from.bucket ?? target.bucket, key: from.key }
  checkKeyName(source.key)
  checkKeyName(target.key)
  if (options.replace !== undefined) checkAttributes(options.replace)
  if (options.replaceTags !== undefined) checkTags(options.replaceTags, 'object')
  const ontoItself = source.bucket === target.bucket && source.key === target.key
  for (let attempt = 1; attempt <= limits.commitAttempts; attempt++) {
    const other = await otherChecksum(works, source, options)
    const copied = await commit<CopyState, ObjectInfo | 'changed'>(works, {
      turns: [turnOf(source), turnOf(target)],
      read: (draft) => readBoth(works, draft, source, target),
      decide: (state, draft) => {
        checkCopySourceConditions(from, state.source.record, state.target.nowMs)
        checkWriteConditions(options, state.target.current?.record, target)
        if (ontoItself && !changesSomething(options)) throw selfCopyWithoutChange(target.key)
        if (other !== undefined && other.revision !== state.source.row.revision) return 'changed'
        const record = newRecord(works, state, options, other?.checksums)
        if (ontoItself) rewrite(draft, state, record)
        else share(draft, state, record)
        return toObjectInfo(target.key, record)
      },
    })
    if (copied !== 'changed') return copied
  }
  throw busy(target)
}

async function readBoth(
  works: Works,
  draft: Draft,
  source: ObjectTarget,
  target: ObjectTarget,
): Promise<CopyState> {
  for (let attempt = 1; attempt <= limits.commitAttempts; attempt++) {
    const { object } = await findObject(draft, source)
    if (object === undefined) throw noSuchKey(source.bucket, source.key)
    const { row, record } = object
    const small = record.body.kind === 'inline' && record.sizeBytes > 0
    const payload = small ? await works.kv.readPayload(row.key, row.revision) : undefined
    if (payload === 'changed') continue
    return { source: object, target: await readForChange(works, draft, target), payload }
  }
  throw busy(source)
}

const changesSomething = ({
  replace,
  replaceTags,
  storageClass,
  websiteRedirect,
  checksumAlgorithm,
}: CopyOptions): boolean =>
  [replace, replaceTags, storageClass, websiteRedirect, checksumAlgorithm].some(
    (change) => change !== undefined,
  )

function newRecord(
  works: Works,
  { source, target }: CopyState,
  { replace, replaceTags, storageClass, websiteRedirect }: CopyOptions,
  checksums: Checksums | undefined,
): ObjectRecord {
  const { record } = source
  // Source: S3 API Reference, CopyObject.
  const { storageClass: _class, websiteRedirect: _redirect, ...inherited } = record.headers
  const attributes =
    replace === undefined
      ? {
          headers: { ...inherited, ...headersOf({ storageClass, websiteRedirect }) },
          metadata: record.metadata,
        }
      : { headers: headersOf(replace), metadata: replace.metadata ?? {} }
  return {
    ...record,
    ...attributes,
    tags: replaceTags ?? record.tags,
    recordId: works.ids.next(),
    lastModifiedMs: target.nowMs,
    ...(countedPartsOf(record) === 0 ? {} : { countedParts: 0 }),
    ...(replace?.ownerId === undefined ? {} : { ownerId: replace.ownerId }),
    ...(checksums === undefined ? {} : { checksums, checksumType: 'full-object' as const }),
  }
}

/** New facts over the same bytes: the record keeps its identity, and so its references. */
function rewrite(draft: Draft, { source, target, payload }: CopyState, record: ObjectRecord): void {
  draft.put(keyOf(target), encodeObject({ ...record, recordId: source.record.recordId }), payload)
}

function share(draft: Draft, { source, target, payload }: CopyState, record: ObjectRecord): void {
  if (record.body.kind === 'inline') {
    writeObject(draft, target, { ...record, shared: false }, payload)
    return
  }
  if (!source.record.shared) {
    draft.put(source.row.key, encodeObject({ ...source.record, shared: true }))
    referToBody(draft, record.body.bodyId, source.record.recordId)
  }
  referToBody(draft, record.body.bodyId, record.recordId)
  writeObject(draft, target, { ...record, shared: true })
}

/** No row has this revision. */
const NEVER = -1

/** A checksum the source does not have is computed by reading it once, before the turn is taken. */
async function otherChecksum(
  works: Works,
  source: ObjectTarget,
  { checksumAlgorithm, signal }: CopyOptions,
): Promise<{ revision: Revision; checksums: Checksums } | undefined> {
  if (checksumAlgorithm === undefined) return undefined
  const { record, row } = await getObjectRecord(works.kv, source)
  if (record.checksums[checksumAlgorithm] !== undefined && record.checksumType !== 'composite')
    return undefined
  const stored = await openRecord(works, source.key, { row, record }, {}, signal)
  if (stored === 'changed') return { revision: NEVER, checksums: {} } // The next try reads it as it is then.
  const checksum = await createChecksum(checksumAlgorithm)
  for await (const chunk of stored.body as AsyncIterable<Uint8Array>) checksum.update(chunk)
  const value = Buffer.from(checksum.digest()).toString('base64')
  return { revision: row.revision, checksums: { [checksumAlgorithm]: value } }
}
