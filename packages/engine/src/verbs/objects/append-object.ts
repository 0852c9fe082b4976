import { Buffer } from 'node:buffer'
import { borrowExtents } from '../../bodies/borrow-extents.js'
import { extendBody } from '../../bodies/extend-body.js'
import { ExtentList } from '../../bodies/extent-list.js'
import { newObject } from '../../bodies/new-object.js'
import { type StagedBody, stageBody } from '../../bodies/stage.js'
import type { Draft } from '../../catalog/draft.js'
import { findObject, type ObjectTarget } from '../../catalog/find.js'
import { extentsKey } from '../../catalog/keys.js'
import { toObjectInfo } from '../../catalog/object-info.js'
import type { Body } from '../../catalog/records/body.js'
import { encodeObject, type ObjectRecord } from '../../catalog/records/object-record.js'
import { commit } from '../../commit/commit.js'
import { lookAfterWrite } from '../../commit/looks.js'
import { type ObjectState, readForChange, turnOf, writeVersion } from '../../commit/object-change.js'
import type { Caused } from '../../contract/events.js'
import type { Checksums, Integrity } from '../../contract/integrity.js'
import type { AppendOptions, ObjectInfo } from '../../contract/object.js'
import type { ByteSource } from '../../contract/source.js'
import { busy } from '../../errors.js'
import type { Revision, Row } from '../../kv/kv.js'
import { limits } from '../../limits.js'
import { addEvent } from '../../outbox/add-event.js'
import { checkAppend, checkAppendedSize, continuedAlgorithms, countedPartsOf } from '../../rules/append.js'
import { checkAttributes } from '../../rules/attributes.js'
import { appendedEtag } from '../../rules/etag.js'
import { checkKeyName } from '../../rules/key-name.js'
import { refuseVersioned } from '../../rules/unversioned.js'
import { toAsyncIterable } from '../../streams/byte-source.js'
import { combineCrc } from '../../streams/crc-combine.js'
import type { Works } from '../../works.js'

interface AppendState {
  readonly object: ObjectState
  readonly payload?: Uint8Array | undefined
  readonly tail?: Row | undefined
}

/** Adds bytes where the object ends: in the body it has, or, where that is shared, in one that borrows from it. */
export async function appendObject(
  works: Works,
  target: ObjectTarget,
  source: ByteSource,
  options: AppendOptions & Caused,
): Promise<ObjectInfo> {
  // From the first moment: a stream that fails while nobody listens would end the process. Refused, it is closed.
  using bytes = source instanceof Uint8Array ? undefined : toAsyncIterable(source, options.signal)
  checkKeyName(target.key)
  checkAttributes(options)
  // Spares a long upload what the commit would refuse, and tells which checksums go on; decides nothing.
  const { bucket, object } = await findObject(works.kv, target)
  refuseVersioned(bucket, 'appends')
  checkAppend(options, object?.record, target)
  await using added = await stageBody(works, bytes ?? source, {
    ...options,
    ...alsoComputed(options, object?.record),
    inlineMaxBytes: works.settings.inlineMaxBytes,
  })
  for (let attempt = 1; attempt <= limits.commitAttempts; attempt++) {
    const mayBeShared = attempt > 1 || (object !== undefined && isShared(object.record))
    await using borrowed = mayBeShared ? await borrowShared(works, target) : undefined
    const appended = await commit<AppendState | 'changed', ObjectInfo | 'changed'>(works, {
      turns: [turnOf(target)],
      staged: borrowed === undefined ? [added] : [added, borrowed.list],
      read: (draft) => readState(works, draft, target),
      decide: (state, draft) =>
        state === 'changed' ? state : append(works, draft, state, added, borrowed, options),
    })
    if (appended !== 'changed') return appended
  }
  throw busy(target)
}

function append(
  works: Works,
  draft: Draft,
  { object, ...ends }: AppendState,
  added: StagedBody,
  borrowed: Borrowed | undefined,
  options: AppendOptions & Caused,
): ObjectInfo | 'changed' {
  const { target, current: found, nowMs } = object
  const current = found?.record
  refuseVersioned(object.bucket, 'appends')
  checkAppend(options, current, target)
  if (current !== undefined && added.sizeBytes === 0)
    return toObjectInfo(target.key, current, object.bucket, object.lifecycle)
  if (borrowed?.revision !== (found && isShared(found.record) ? found.row.revision : undefined))
    return 'changed'
  if (current === undefined || current.sizeBytes === 0) {
    const first = newObject(works, added, options, nowMs)
    const record = current === undefined ? first : { ...first, ...keptOf(current) }
    writeVersion(draft, object, record, added.payload)
    addEvent(works, draft, object, { name: 's3:ObjectCreated:Put', record, origin: options.origin })
    return toObjectInfo(target.key, record, object.bucket, object.lifecycle)
  }
  checkAppendedSize(current.sizeBytes + added.sizeBytes)
  const body = extendBody(works, draft, { ...ends, body: borrowed?.body ?? current.body }, added)
  const record = recordOf(works, object, current, body, added)
  if (current.body.kind === 'inline' || borrowed !== undefined) writeVersion(draft, object, record)
  else {
    draft.put(found!.row.key, encodeObject(record)) // The body goes on: there is nothing to let go.
    lookAfterWrite(draft, object, record, undefined)
  }
  addEvent(works, draft, object, { name: 's3:ObjectCreated:Put', record, origin: options.origin })
  const info = toObjectInfo(target.key, record, object.bucket, object.lifecycle)
  // Of an object without a checksum of its own the caller is told that of the added bytes, as S3 does.
  return record.checksumType === undefined ? { ...info, checksums: added.checksums } : info
}

/** What an object keeps though its bytes are others. */
const keptOf = ({ headers, metadata, tags, ownerId, ...current }: ObjectRecord) => ({
  headers,
  metadata,
  tags,
  ...(ownerId === undefined ? {} : { ownerId }),
  countedParts: countedPartsOf(current) + 1,
})

function recordOf(
  works: Works,
  { target, nowMs }: ObjectState,
  current: ObjectRecord,
  body: Body,
  added: StagedBody,
): ObjectRecord {
  const { partCount: _count, checksumType: _type, ...kept } = current
  const recordId = works.ids.next()
  const countedParts = countedPartsOf(current) + 1
  const checksums = continued(current, added, target)
  return {
    ...kept,
    recordId,
    shared: false,
    etag: appendedEtag(current.etag, added.md5 ?? recordId),
    sizeBytes: body.sizeBytes,
    lastModifiedMs: nowMs,
    checksums,
    ...(Object.keys(checksums).length > 0 && { checksumType: 'full-object' as const }),
    countedParts,
    body,
  }
}

function continued(current: ObjectRecord, added: StagedBody, target: ObjectTarget): Checksums {
  const checksums: Checksums = {}
  for (const algorithm of continuedAlgorithms(current)) {
    const value = added.checksums[algorithm]
    // Another object took its place while the bytes came, and nobody computed what goes on from that one.
    if (value === undefined) throw busy(target)
    const before = Buffer.from(current.checksums[algorithm]!, 'base64')
    const whole = combineCrc(algorithm, before, Buffer.from(value, 'base64'), added.sizeBytes)
    checksums[algorithm] = Buffer.from(whole).toString('base64')
  }
  return checksums
}

function alsoComputed(given: Integrity, current: ObjectRecord | undefined) {
  const also = current === undefined ? [] : continuedAlgorithms(current)
  const checksumAlgorithm = given.checksumAlgorithm ?? also[0]
  return { also, ...(checksumAlgorithm && { checksumAlgorithm }) }
}

async function readState(works: Works, draft: Draft, target: ObjectTarget): Promise<AppendState | 'changed'> {
  const object = await readForChange(works, draft, target)
  if (object.current === undefined) return { object }
  const { row, record } = object.current
  const { body } = record
  if (body.kind === 'long' && !record.shared)
    return { object, tail: await draft.get(extentsKey(body.bodyId, body.sizeBytes)) }
  if (body.kind !== 'inline' || body.sizeBytes === 0) return { object }
  const payload = await works.kv.readPayload(row.key, row.revision)
  return payload === 'changed' ? payload : { object, payload }
}

const isShared = ({ shared, body }: ObjectRecord): boolean => shared && body.kind !== 'inline'

interface Borrowed extends AsyncDisposable {
  readonly revision: Revision
  readonly body: Body
  readonly list: ExtentList
}

/** A body of our own over the bytes that the object shares with others; undefined where it shares none. */
async function borrowShared(works: Works, target: ObjectTarget): Promise<Borrowed | undefined> {
  const { object } = await findObject(works.kv, target)
  if (object === undefined || !isShared(object.record)) return undefined
  const { row, record } = object
  if (record.body.kind === 'inline') return undefined
  const release = works.pins.hold(record.body.bodyId)
  const list = new ExtentList(works)
  const dispose = async () => {
    await list[Symbol.asyncDispose]()
    release()
  }
  try {
    // What is pinned too late may have been freed meanwhile; then the commit will find another revision as well.
    if ((await works.kv.get(row.key))?.revision !== row.revision) {
      release()
      return undefined
    }
    const body = await borrowExtents(works, list, record.body, { offset: 0, length: record.sizeBytes })
    return { revision: row.revision, body, list, [Symbol.asyncDispose]: dispose }
  } catch (error) {
    await dispose()
    throw error
  }
}
