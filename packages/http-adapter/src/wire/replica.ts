import type { FactTimes, ReplicaFacts, ReplicaOf, ReplicaRemoval } from '@aquifer/engine'
import type { Call } from '../operation.js'
import { invalidArgument, notImplementedHeader, S3Error } from '../s3-error.js'
import { parseRfc3339 } from './dates.js'
import { unquoted } from './etags.js'
import { readLockHeaders } from './object-lock.js'
import { readTaggingHeader } from './tagging.js'

type HeaderView = ReadonlyMap<string, string>

/** That a request brings what was done in another store. Either says it. */
export const REPLICATION_REQUEST = 'x-minio-source-replication-request'
const status = 'x-amz-replication-status'
/** Asks whether the rest would be allowed. */
const check = 'x-minio-source-replication-check'
const time = 'x-minio-source-mtime'
const etag = 'x-minio-source-etag'
const marker = 'x-minio-source-deletemarker'
const markerRemoval = 'x-minio-source-deletemarker-delete'
const tagsChanged = 'x-minio-source-replication-tagging-timestamp'
const retentionChanged = 'x-minio-source-replication-retention-timestamp'
const legalHoldChanged = 'x-minio-source-replication-legalhold-timestamp'

/** What a write may say of the version that it brings; see {@link readReplica} and {@link readReplicaFacts}. */
export const ofReplicaWrites: readonly string[] = [
  ...[REPLICATION_REQUEST, status, check, time, etag, tagsChanged, retentionChanged, legalHoldChanged],
]
/** What a removal may say; see {@link readReplicaRemoval}. */
export const ofReplicaRemovals: readonly string[] = [
  ...[REPLICATION_REQUEST, status, check, time, marker, markerRemoval, retentionChanged, legalHoldChanged],
]

const all = new Set([...ofReplicaWrites, ...ofReplicaRemovals])

/**
 * Whether a request says anything of what only another store can say. Source of these headers: MinIO, and so AIStor,
 * which takes most of them from whoever may write; here all of them need the right to replicate.
 */
export function isOfReplica(headers: HeaderView): boolean {
  for (const name of all) if (headers.get(name)) return true
  return false
}

/**
 * Everywhere else such a header is refused, rather than passed over.
 *
 * @throws {@link S3Error} `NotImplemented`
 */
export function refuseReplicas(headers: HeaderView): void {
  for (const name of all) if (headers.get(name)) throw notImplementedHeader(name)
}

/** A replica's tags are said, or that it has none any more. */
export const tellsTags = (headers: HeaderView): boolean =>
  Boolean(headers.get('x-amz-tagging') || headers.get(tagsChanged)) ||
  headers.get('x-amz-tagging-directive') === 'REPLACE'
export const tellsRetention = (headers: HeaderView): boolean => Boolean(headers.get(retentionChanged))
export const tellsLegalHold = (headers: HeaderView): boolean => Boolean(headers.get(legalHoldChanged))

/**
 * The version that a request brings from another store, where it does.
 *
 * @throws {@link S3Error} `InvalidArgument`; `ReplicationPermissionCheck` to who only asked whether it may.
 */
export function readReplica({ headers, query }: Pick<Call, 'headers' | 'query'>): ReplicaOf | undefined {
  if (!isOfReplica(headers)) return undefined
  const versionId = readReplicatedVersion(headers, query.get('versionId'))
  const lastModified = readTime(headers, time)
  if (lastModified === undefined)
    throw invalidArgument('When the version was made must be said.', time, undefined)
  const kept = readEtag(headers)
  const changed = readChanged(headers)
  return {
    versionId,
    lastModified,
    ...(kept === undefined ? {} : { etag: kept }),
    ...(Object.keys(changed).length > 0 && { changed }),
  }
}

/**
 * What a copy of a version onto itself says of it, where that comes from another store.
 *
 * @throws {@link S3Error} as {@link readReplica}
 */
export function readReplicaFacts(call: Call): ReplicaFacts | undefined {
  const { headers, query } = call
  if (!isOfReplica(headers)) return undefined
  const versionId = readReplicatedVersion(headers, query.get('versionId'))
  const { retention, legalHold } = readLockHeaders(call)
  const changed = readChanged(headers)
  return {
    versionId,
    ...(tellsTags(headers) && { tags: readTaggingHeader(headers) ?? {} }),
    ...(retention !== undefined && { retention }),
    ...(retention === undefined && changed.retention !== undefined && { retention: 'none' as const }),
    ...(legalHold !== undefined && { legalHold }),
    ...(legalHold === undefined && changed.legalHold !== undefined && { legalHold: false }),
    changed,
  }
}

/**
 * The removal that was made in another store, or the delete marker.
 *
 * @throws {@link S3Error} as {@link readReplica}
 */
export function readReplicaRemoval({
  headers,
  query,
}: Pick<Call, 'headers' | 'query'>): ReplicaRemoval | undefined {
  if (!isOfReplica(headers)) return undefined
  readReplicatedVersion(headers, query.get('versionId'))
  const lastModified = readTime(headers, time)
  const isMarker = readSwitch(headers, marker)
  if (readSwitch(headers, markerRemoval) && isMarker)
    throw invalidArgument('A delete marker is made, or removed.', markerRemoval, 'true')
  if (!isMarker) {
    const changed = readChanged(headers)
    return Object.keys(changed).length > 0 ? { changed } : {}
  }
  if (lastModified === undefined)
    throw invalidArgument('When the delete marker was made must be said.', time, undefined)
  return { deleteMarker: { lastModified } }
}

/**
 * What the completion of an upload says, where another store began it: what it has said before.
 *
 * @throws {@link S3Error} as {@link readReplica}; `InvalidRequest` for anything else
 */
export function checkSameReplica(headers: HeaderView, begun: ReplicaOf | undefined): void {
  checkIsRequest(headers)
  const kept = readEtag(headers)
  const { tags, retention, legalHold } = readChanged(headers)
  const isSame =
    begun !== undefined &&
    (kept === undefined || kept === begun.etag) &&
    isSameTime(readTime(headers, time), begun.lastModified) &&
    isSameTime(tags, begun.changed?.tags) &&
    isSameTime(retention, begun.changed?.retention) &&
    isSameTime(legalHold, begun.changed?.legalHold)
  if (!isSame)
    throw new S3Error('InvalidRequest', 'The upload was not begun for this version of another store.')
}

const isSameTime = (said: Date | undefined, begun: Date | undefined): boolean =>
  said === undefined || said.getTime() === begun?.getTime()

/** In another store it has an id as versions have here, whose first digits are its place among those of its key. */
function readReplicatedVersion(headers: HeaderView, versionId: string | undefined): string {
  checkIsRequest(headers)
  if (versionId === undefined || !/^[0-9a-f]{32}$/.test(versionId))
    throw invalidArgument(
      'A version of another store is named by 32 hexadecimal digits.',
      'versionId',
      versionId,
    )
  return versionId
}

/**
 * That a request brings what was done in another store, and nothing else.
 *
 * @throws {@link S3Error} as {@link readReplica}
 */
export function checkIsRequest(headers: HeaderView): void {
  const isRequest = readSwitch(headers, REPLICATION_REQUEST)
  const said = headers.get(status) || undefined
  if (said !== undefined && said !== 'REPLICA')
    throw invalidArgument('The status of what is brought here is REPLICA.', status, said)
  if (!isRequest && said === undefined)
    throw invalidArgument(
      'What is said of a version of another store needs this header.',
      REPLICATION_REQUEST,
      undefined,
    )
  for (const condition of ['if-match', 'if-none-match'])
    if (headers.has(condition))
      throw new S3Error('InvalidRequest', `What was done in another store is not asked ${condition} here.`)
  if (readSwitch(headers, check))
    throw new S3Error('ReplicationPermissionCheck', 'Versions may be replicated here. Nothing was done.')
}

function readSwitch(headers: HeaderView, name: string): boolean {
  const value = headers.get(name)
  if (!value) return false
  if (value.toLowerCase() !== 'true') throw invalidArgument('This header is true, or left out.', name, value)
  return true
}

/** To the millisecond, whatever comes behind it. */
function readTime(headers: HeaderView, name: string): Date | undefined {
  const text = headers.get(name)
  if (!text) return undefined
  const date = parseRfc3339(text)
  if (date === undefined) throw invalidArgument('The time must be a date of RFC 3339.', name, text)
  return date
}

function readChanged(headers: HeaderView): FactTimes {
  const tags = readTime(headers, tagsChanged)
  const retention = readTime(headers, retentionChanged)
  const legalHold = readTime(headers, legalHoldChanged)
  return { ...(tags && { tags }), ...(retention && { retention }), ...(legalHold && { legalHold }) }
}

/** It goes out in headers and documents again. */
function readEtag(headers: HeaderView): string | undefined {
  const text = headers.get(etag)
  if (!text) return undefined
  const found = unquoted(text)
  if (!/^[!#-~]{1,128}$/.test(found)) throw invalidArgument('That is no ETag.', etag, text)
  return found
}
