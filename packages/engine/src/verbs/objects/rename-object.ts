import { Buffer } from 'node:buffer'
import type { Draft } from '../../catalog/draft.js'
import { type FoundObject, findObject, type ObjectTarget } from '../../catalog/find.js'
import { requestKey } from '../../catalog/keys.js'
import { toObjectInfo } from '../../catalog/object-info.js'
import type { BucketRecord } from '../../catalog/records/bucket-record.js'
import type { ObjectRecord } from '../../catalog/records/object-record.js'
import {
  decodeRememberedRename,
  encodeRememberedRename,
  type RememberedRename,
} from '../../catalog/records/remembered-rename.js'
import { commit } from '../../commit/commit.js'
import { type ObjectState, readForChange, turnOf, writeVersion } from '../../commit/object-change.js'
import type { Caused } from '../../contract/events.js'
import type { ObjectInfo, RenameOptions, Source } from '../../contract/object.js'
import { busy, EngineError, noSuchKey } from '../../errors.js'
import { limits } from '../../limits.js'
import { addEvent } from '../../outbox/add-event.js'
import { checkKeyName } from '../../rules/key-name.js'
import { checkCopySourceConditions, checkTimeConditions } from '../../rules/read-conditions.js'
import { checkRequestId, digestOfRequest } from '../../rules/request-id.js'
import { refuseVersioned } from '../../rules/unversioned.js'
import { checkWriteConditions } from '../../rules/write-conditions.js'
import type { Works } from '../../works.js'

interface RenameState {
  readonly source: FoundObject | undefined
  readonly target: ObjectState
  /** A small object's bytes, which go with its row. */
  readonly payload: Uint8Array | undefined
  readonly remembered: RememberedRename | undefined
}

/** The record goes to another key as it is: its identity, its references and its bytes stay. */
export async function renameObject(
  works: Works,
  from: Source,
  target: ObjectTarget,
  options: RenameOptions & Caused,
): Promise<ObjectInfo> {
  options.signal?.throwIfAborted()
  const { requestId } = options
  if (from.bucket !== undefined && from.bucket !== target.bucket)
    throw refused('An object is renamed within its bucket.')
  for (const key of [from.key, target.key]) {
    checkKeyName(key)
    if (key.endsWith('/')) throw refused(`"${key}" ends in "/", and such keys take no part in a rename.`)
  }
  if (requestId !== undefined) checkRequestId(requestId)
  const source: ObjectTarget = { bucket: target.bucket, key: from.key }
  const digest = digestOf(from, target, options)
  for (let attempt = 1; attempt <= limits.commitAttempts; attempt++) {
    const renamed = await commit<RenameState | 'changed', ObjectInfo | 'changed'>(works, {
      turns: [turnOf(source), turnOf(target)],
      read: (draft) => readState(works, draft, source, target, requestId),
      decide: (state, draft) => {
        if (state === 'changed') return state
        const { remembered } = state
        const { bucket } = state.target
        if (remembered !== undefined) return answerAgain(target, bucket, remembered, digest, requestId!)
        const record = decide(works, draft, state, from, options)
        if (requestId !== undefined) remember(works, draft, state, requestId, { digest, record })
        return toObjectInfo(target.key, record, bucket, state.target.lifecycle)
      },
    })
    if (renamed !== 'changed') return renamed
  }
  throw busy(target)
}

function decide(
  works: Works,
  draft: Draft,
  { source, target, payload }: RenameState,
  from: Source,
  options: RenameOptions & Caused,
): ObjectRecord {
  refuseVersioned(target.bucket, 'renames')
  if (source === undefined) throw noSuchKey(target.target.bucket, from.key)
  const current = target.current?.record
  checkCopySourceConditions(from, source.record, target.nowMs)
  checkWriteConditions(options, current, target.target)
  if (current !== undefined) checkTimeConditions(options, current, target.nowMs)
  if (from.key === target.target.key) return source.record
  draft.delete(source.row.key)
  writeVersion(draft, target, source.record, payload)
  // S3 has no event for a rename. Whoever follows what keys there are is told of both.
  const { origin } = options
  const left = { ...target, target: { bucket: target.target.bucket, key: from.key } }
  addEvent(works, draft, target, { name: 's3:ObjectCreated:Copy', record: source.record, origin })
  addEvent(works, draft, left, { name: 's3:ObjectRemoved:Delete', record: source.record, origin })
  return source.record
}

async function readState(
  works: Works,
  draft: Draft,
  from: ObjectTarget,
  to: ObjectTarget,
  requestId: string | undefined,
): Promise<RenameState | 'changed'> {
  const target = await readForChange(works, draft, to)
  const isSame = from.key === to.key
  const source = isSame ? target.current : (await findObject(draft, from)).object
  const { bucketId } = target.bucket
  const answered = requestId === undefined ? undefined : await draft.get(requestKey(bucketId, requestId))
  const isSmall = source?.record.body.kind === 'inline' && source.record.sizeBytes > 0
  const payload = isSmall ? await works.kv.readPayload(source.row.key, source.row.revision) : undefined
  if (payload === 'changed') return payload
  return { source, target, payload, remembered: answered && decodeRememberedRename(answered.value) }
}

function remember(
  works: Works,
  draft: Draft,
  { target }: RenameState,
  requestId: string,
  renamed: RememberedRename,
): void {
  const { bucketId } = target.bucket
  draft.put(requestKey(bucketId, requestId), encodeRememberedRename(renamed))
  const dueMs = target.nowMs + limits.requestKeptMs
  draft.defer(dueMs, works.ids.next(), { kind: 'request', bucketId, requestId })
}

function answerAgain(
  target: ObjectTarget,
  bucket: BucketRecord,
  { digest, record }: RememberedRename,
  asked: Uint8Array,
  requestId: string,
): ObjectInfo {
  if (Buffer.compare(digest, asked) === 0) return toObjectInfo(target.key, record, bucket)
  throw new EngineError(
    'IdempotencyParameterMismatch',
    `The request id "${requestId}" was used for another rename.`,
    { requestId },
  )
}

function digestOf(from: Source, target: ObjectTarget, options: RenameOptions): Uint8Array {
  const conditionsOf = ({ ifMatch, ifNoneMatch, ifModifiedSince, ifUnmodifiedSince }: RenameOptions) =>
    [ifMatch, ifNoneMatch, ifModifiedSince?.getTime(), ifUnmodifiedSince?.getTime()].map(
      (each) => each ?? null,
    )
  return digestOfRequest(from.key, target.key, conditionsOf(from), conditionsOf(options))
}

const refused = (reason: string): EngineError<'InvalidRequest'> =>
  new EngineError('InvalidRequest', reason, { reason })
