import { Buffer } from 'node:buffer'
import { openRecord } from '../../bodies/open-record.js'
import type { Draft } from '../../catalog/draft.js'
import { type FoundObject, type ObjectTarget, sourceOf, type VersionTarget } from '../../catalog/find.js'
import { getSourceRecord, sourceVersionOf } from '../../catalog/get-version.js'
import { toObjectInfo } from '../../catalog/object-info.js'
import { encodeObject, type ObjectRecord } from '../../catalog/records/object-record.js'
import { statusOfNew } from '../../commit/carry.js'
import { commit } from '../../commit/commit.js'
import {
  type ObjectState,
  readForChange,
  replacedBy,
  turnOf,
  writeVersion,
} from '../../commit/object-change.js'
import { referToBody } from '../../commit/references.js'
import type { Caused } from '../../contract/events.js'
import type { Checksums } from '../../contract/integrity.js'
import type { CopiedInfo, CopyOptions, Source } from '../../contract/object.js'
import { busy, selfCopyWithoutChange } from '../../errors.js'
import type { Revision } from '../../kv/kv.js'
import { limits } from '../../limits.js'
import { addEvent } from '../../outbox/add-event.js'
import { countedPartsOf } from '../../rules/append.js'
import { checkAttributes, headersOf } from '../../rules/attributes.js'
import { checkKeyName } from '../../rules/key-name.js'
import { lockOfNewVersion } from '../../rules/object-lock.js'
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
  options: CopyOptions & Caused,
): Promise<CopiedInfo> {
  options.signal?.throwIfAborted()
  const source = sourceOf(from, target)
  checkKeyName(source.key)
  checkKeyName(target.key)
  if (options.replace !== undefined) checkAttributes(options.replace)
  if (options.replaceTags !== undefined) checkTags(options.replaceTags, 'object')
  const ontoItself = source.bucket === target.bucket && source.key === target.key
  for (let attempt = 1; attempt <= limits.commitAttempts; attempt++) {
    const other = await otherChecksum(works, source, options)
    const copied = await commit<CopyState, CopiedInfo | 'changed'>(works, {
      turns: [turnOf(source), turnOf(target)],
      read: (draft) => readBoth(works, draft, source, target),
      decide: (state, draft) => {
        checkCopySourceConditions(from, state.source.record, state.target.nowMs)
        checkWriteConditions(options, state.target.current?.record, target)
        if (ontoItself && !restores(from, state) && !changesSomething(options)) throw selfCopyWithoutChange()
        if (other !== undefined && other.revision !== state.source.row.revision) return 'changed'
        const record = newRecord(works, state, options, other?.checksums)
        const replaced = replacedBy(state.target)
        const isReplaced = replaced !== undefined && isSameRow(replaced, state.source)
        const version = isReplaced ? rewrite(draft, state, record) : share(draft, state, record)
        const happening = { name: 's3:ObjectCreated:Copy', record: version, origin: options.origin } as const
        addEvent(works, draft, state.target, happening)
        return {
          ...toObjectInfo(
            target.key,
            version,
            state.target.bucket,
            state.target.lifecycle,
            statusOfNew(state.target, version),
          ),
          ...sourceVersionOf(state.source),
        }
      },
    })
    if (copied !== 'changed') return copied
  }
  throw busy(target)
}

async function readBoth(
  works: Works,
  draft: Draft,
  source: VersionTarget,
  target: ObjectTarget,
): Promise<CopyState> {
  for (let attempt = 1; attempt <= limits.commitAttempts; attempt++) {
    const object = await getSourceRecord(draft, source)
    const { row, record } = object
    const small = record.body.kind === 'inline' && record.sizeBytes > 0
    const payload = small ? await works.kv.readPayload(row.key, row.revision) : undefined
    if (payload === 'changed') continue
    return { source: object, target: await readForChange(works, draft, target), payload }
  }
  throw busy(source)
}

/** Making an older version current again changes enough. */
const restores = ({ versionId }: Source, { source }: CopyState): boolean =>
  versionId !== undefined && source.bucket.versioning !== undefined

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
  options: CopyOptions,
  checksums: Checksums | undefined,
): ObjectRecord {
  const { replace, replaceTags, storageClass, websiteRedirect } = options
  const record = checksums === undefined ? source.record : asOne(source.record, checksums)
  // Source: S3 API Reference, CopyObject.
  const { storageClass: _class, websiteRedirect: _redirect, ...inherited } = record.headers
  // Nor are a version's place, where it came from and what protects it.
  const { versionOrder: _order, isNullVersion: _null, isReplica: _replica, ...own } = record
  const { retention: _until, legalHold: _hold, ...rest } = own
  const attributes =
    replace === undefined
      ? {
          headers: { ...inherited, ...headersOf({ storageClass, websiteRedirect }) },
          metadata: record.metadata,
        }
      : { headers: headersOf(replace), metadata: replace.metadata ?? {} }
  return {
    ...rest,
    ...attributes,
    tags: replaceTags ?? record.tags,
    recordId: works.ids.next(),
    lastModifiedMs: target.nowMs,
    ...(countedPartsOf(record) === 0 ? {} : { countedParts: 0 }),
    ...lockOfNewVersion(target.bucket, options, target.nowMs),
    ...(replace?.ownerId === undefined ? {} : { ownerId: replace.ownerId }),
  }
}

/**
 * A checksum of its own makes of an object in parts one without: those had checksums of another algorithm, and S3
 * makes one object of every copy.
 */
function asOne({ partCount: _parts, ...record }: ObjectRecord, checksums: Checksums): ObjectRecord {
  return { ...record, checksums, checksumType: 'full-object' }
}

/** New facts over the same bytes: the record keeps its identity, and so its references. */
function rewrite(draft: Draft, { source, target, payload }: CopyState, record: ObjectRecord): ObjectRecord {
  const kept = { ...record, recordId: source.record.recordId }
  return writeVersion(draft, target, kept, payload, { keepsBody: true })
}

function share(draft: Draft, { source, target, payload }: CopyState, record: ObjectRecord): ObjectRecord {
  if (record.body.kind === 'inline') return writeVersion(draft, target, { ...record, shared: false }, payload)
  let into = target
  if (!source.record.shared) {
    const shared = { ...source, record: { ...source.record, shared: true } }
    // An only version that the write moves is written there once, as shared.
    if (target.current !== undefined && isSameRow(target.current, source))
      into = { ...target, current: shared }
    else draft.put(source.row.key, encodeObject(shared.record))
    referToBody(draft, record.body.bodyId, source.record.recordId)
  }
  referToBody(draft, record.body.bodyId, record.recordId)
  return writeVersion(draft, into, { ...record, shared: true })
}

const isSameRow = (a: FoundObject, b: FoundObject): boolean => Buffer.compare(a.row.key, b.row.key) === 0

/** No row has this revision. */
const NEVER = -1

/** A checksum the source does not have is computed by reading it once, before the turn is taken. */
async function otherChecksum(
  works: Works,
  source: VersionTarget,
  { checksumAlgorithm, signal }: CopyOptions,
): Promise<{ revision: Revision; checksums: Checksums } | undefined> {
  if (checksumAlgorithm === undefined) return undefined
  const found = await getSourceRecord(works.kv, source)
  const { record, row } = found
  if (record.checksums[checksumAlgorithm] !== undefined && record.checksumType !== 'composite')
    return undefined
  const stored = await openRecord(works, source.key, found, {}, signal)
  if (stored === 'changed') return { revision: NEVER, checksums: {} } // The next try reads it as it is then.
  const checksum = await createChecksum(checksumAlgorithm)
  for await (const chunk of stored.body as AsyncIterable<Uint8Array>) checksum.update(chunk)
  const value = Buffer.from(checksum.digest()).toString('base64')
  return { revision: row.revision, checksums: { [checksumAlgorithm]: value } }
}
