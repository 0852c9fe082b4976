import type { Draft } from '../catalog/draft.js'
import type { ObjectTarget } from '../catalog/find.js'
import type { BucketRecord } from '../catalog/records/bucket-record.js'
import { encodeEvent } from '../catalog/records/event-record.js'
import type { ObjectRecord } from '../catalog/records/object-record.js'
import type { Caused, EventName, EventOrigin } from '../contract/events.js'
import { limits } from '../limits.js'
import { type EventRules, targetsOf } from '../rules/events/event-rules.js'
import { versionIdOf } from '../rules/version-id.js'
import { LIFECYCLE_ORIGIN } from './origins.js'
import type { Outbox } from './outbox.js'

const NOBODY: EventOrigin = {}

/** What a decision has found that events are told of. */
export interface ToldState {
  readonly target: ObjectTarget
  readonly bucket: BucketRecord
  readonly rules?: EventRules | undefined
  readonly nowMs: number
}

export interface Happening extends Caused {
  readonly name: EventName
  /** The version that was written, removed or read. */
  readonly record?: ObjectRecord | undefined
}

/**
 * Writes into the change what it will have done, once for each target that asks for it.
 *
 * @throws {@link EngineError} `EventBacklogFull`
 */
export function addEvent(
  { outbox }: { readonly outbox: Outbox },
  draft: Draft,
  state: ToldState,
  { name, record, origin: given }: Happening,
): void {
  const { rules, target, nowMs } = state
  if (rules === undefined) return
  const origin = originOf(given)
  const told = targetsOf(rules, {
    name: origin.name ?? name,
    bucket: target.bucket,
    key: target.key,
    isLifecycle: origin === LIFECYCLE_ORIGIN,
  })
  for (const [who, calledName] of told) {
    const event = { name: calledName, timeMs: nowMs, ...factsOf(state, name, record), origin: toldOf(origin) }
    outbox.add(draft, who, encodeEvent(event), nowMs)
  }
}

export const originOf = (given: Caused['origin']): EventOrigin =>
  typeof given === 'function' ? given() : given || NOBODY

function factsOf({ target, bucket }: ToldState, name: EventName, record: ObjectRecord | undefined) {
  const versionId = record?.versionOrder === undefined ? undefined : versionIdOf(record)
  return {
    bucket: target.bucket,
    key: target.key,
    ...(bucket.ownerId === undefined ? {} : { bucketOwnerId: bucket.ownerId }),
    // The null version has no id to tell.
    ...(versionId === undefined || versionId === 'null' ? {} : { versionId }),
    ...(record === undefined || isRemoval(name) ? {} : objectFacts(record)),
  }
}

/** Of what is gone no more is told than which it was. Source: AIStor's records of such events. */
const isRemoval = (name: EventName): boolean =>
  name.startsWith('s3:ObjectRemoved:') && name !== 's3:ObjectRemoved:DeleteAllVersions'

const objectFacts = ({ sizeBytes, etag, headers, metadata }: ObjectRecord) => ({
  object: { sizeBytes, etag },
  ...(headers.contentType === undefined ? {} : { contentType: headers.contentType }),
  metadata,
})

/** What was asked for is bounded by whoever asks; what is written down of it, here. */
function toldOf({ name: _, ...origin }: EventOrigin): EventOrigin {
  return Object.fromEntries(
    Object.entries(origin)
      .filter(([, text]) => text !== undefined)
      .map(([fact, text]) => [fact, String(text).slice(0, limits.eventTextMaxChars)]),
  )
}
