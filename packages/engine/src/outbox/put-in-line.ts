import type { Draft } from '../catalog/draft.js'
import { encodeEvent } from '../catalog/records/event-record.js'
import { limits } from '../limits.js'
import type { LocksMs } from '../rules/replication/locks-ms.js'
import { formatPlace, type VersionPlace } from '../rules/version-id.js'
import { replicationQueue } from './replication-queue.js'

/** A version that is to be brought to a target, or of which it is to be told that it is gone. */
export interface InLine {
  readonly target: { readonly targetId: Uint8Array; readonly keepsVersionIds: boolean }
  readonly bucket: string
  readonly key: string
  /** Also of a null version: it goes by the id that its place would have. */
  readonly place: VersionPlace
  readonly sizeBytes: number
  readonly isRemoved: boolean
  /** What the target called it; of a removal, which nothing else remembers. */
  readonly targetVersionId?: string | undefined
  /** When the locks were said last that a removed version had. */
  readonly locksMs?: LocksMs
  /** Whose doing it is, where a resync has it carried over anew. */
  readonly resyncId?: string
  /** It is to be the newest there once more, since older ones come behind it; of targets that do not keep ids. */
  readonly isAgain?: boolean
}

/**
 * Adds a version to what waits for a target. A version stands always in the same of its two queues, since its size does not change.
 * They are never full: a target that is down must neither stop writes nor lose any.
 */
export function putInLine(draft: Draft, version: InLine, nowMs: number): void {
  const { target, bucket, key, place, sizeBytes, isRemoved, targetVersionId, resyncId, isAgain } = version
  const { retentionMs, legalHoldMs } = version.locksMs ?? {}
  const isLarge = target.keepsVersionIds && sizeBytes >= limits.replicationLargeBytes
  const metadata = {
    ...(targetVersionId !== undefined && { targetVersionId }),
    ...(resyncId !== undefined && { resync: resyncId }),
    ...(isAgain === true && { again: 'true' }),
    ...(retentionMs !== undefined && { retentionMs: String(retentionMs) }),
    ...(legalHoldMs !== undefined && { legalHoldMs: String(legalHoldMs) }),
  }
  const value = encodeEvent({
    timeMs: nowMs,
    name: isRemoved ? 's3:ObjectRemoved:Delete' : 's3:ObjectCreated:Put',
    ...{ bucket, key, versionId: formatPlace(place), metadata, origin: {} },
  })
  const queue = replicationQueue(target.targetId, isLarge ? 'large' : 'small')
  draft.addEvent({ family: 'waiting', target: queue, value })
}
