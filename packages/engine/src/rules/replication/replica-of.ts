import { Buffer } from 'node:buffer'
import type { FactTimes, ReplicaOf } from '../../contract/replication.js'
import { invalidArgument } from '../../errors.js'
import { limits } from '../../limits.js'
import { hasLoneSurrogate } from '../key-name.js'
import { formatPlace, orderOfPlace, parseVersionId, type VersionPlace } from '../version-id.js'

/** When each was last changed, where that was said. */
export interface FactTimesMs {
  readonly tagsMs?: number
  readonly retentionMs?: number
  readonly legalHoldMs?: number
}

/** What a version that was made in another store keeps. */
export interface StoredReplica extends FactTimesMs {
  readonly place: VersionPlace
  readonly lastModifiedMs: number
  /** Absent: as for any other object. */
  readonly etag?: string
  /** Whether what is said of a version that is there may weaken a retention of governance. */
  readonly bypassGovernance?: boolean
}

/** All times that are taken from elsewhere lie before this: whatever comes after them must still find room in 48 bits. */
const TIMES_BEFORE_MS = 2 ** 48 - 2 ** 40

/** @throws {@link EngineError} `InvalidArgument` */
export function checkReplicaOf(
  { versionId, lastModified, etag, changed = {} }: ReplicaOf,
  bypassGovernance: boolean | undefined,
): StoredReplica {
  if (etag !== undefined && !isEtag(etag)) throw invalidArgument('etag', String(etag))
  return {
    place: checkReplicaId(versionId),
    lastModifiedMs: checkTime('lastModified', lastModified),
    ...checkFactTimes(changed),
    ...(etag === undefined ? {} : { etag }),
    ...(bypassGovernance === true ? { bypassGovernance } : {}),
  }
}

/** @throws {@link EngineError} `InvalidArgument` for what is no place, or one that would leave no room before it. */
export function checkReplicaId(versionId: string | undefined): VersionPlace {
  const place = versionId?.length === 32 ? parseVersionId(versionId) : undefined
  if (!(place instanceof Uint8Array) || orderOfPlace(place) >= TIMES_BEFORE_MS)
    throw invalidArgument('versionId', String(versionId))
  return place
}

/** @throws {@link EngineError} `InvalidArgument` */
export const checkFactTimes = ({ tags, retention, legalHold }: FactTimes): FactTimesMs => ({
  ...(tags && { tagsMs: checkTime('changed.tags', tags) }),
  ...(retention && { retentionMs: checkTime('changed.retention', retention) }),
  ...(legalHold && { legalHoldMs: checkTime('changed.legalHold', legalHold) }),
})

/** @throws {@link EngineError} `InvalidArgument` */
export function checkTime(argument: string, time: Date): number {
  const ms = time.getTime()
  if (ms >= 0 && ms < TIMES_BEFORE_MS) return ms
  throw invalidArgument(argument, Number.isNaN(ms) ? 'no date' : time.toISOString())
}

/** As it was given. */
export function toReplicaOf({
  place,
  lastModifiedMs,
  etag,
  tagsMs,
  retentionMs,
  legalHoldMs,
}: StoredReplica): ReplicaOf {
  const changed: FactTimes = {
    ...(tagsMs !== undefined && { tags: new Date(tagsMs) }),
    ...(retentionMs !== undefined && { retention: new Date(retentionMs) }),
    ...(legalHoldMs !== undefined && { legalHold: new Date(legalHoldMs) }),
  }
  return {
    versionId: formatPlace(place),
    lastModified: new Date(lastModifiedMs),
    ...(etag !== undefined && { etag }),
    ...(Object.keys(changed).length > 0 && { changed }),
  }
}

const isEtag = (etag: string): boolean =>
  typeof etag === 'string' &&
  etag.length > 0 &&
  !etag.includes('"') &&
  !hasLoneSurrogate(etag) &&
  Buffer.byteLength(etag) <= limits.headerMaxBytes
