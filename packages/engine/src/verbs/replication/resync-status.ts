import { getBucket } from '../../catalog/find.js'
import { resyncKey } from '../../catalog/keys.js'
import { decodeResync, type ResyncRecord } from '../../catalog/records/resync-record.js'
import type { ResyncStatus } from '../../contract/replication.js'
import type { Cancel } from '../../contract/source.js'
import { toResyncStatus } from '../../replication/resync-status.js'
import type { Works } from '../../works.js'

/** The last of each target of the bucket that had one. */
export async function resyncStatus(
  works: Works,
  withCounted: (record: ResyncRecord) => ResyncRecord,
  bucket: string,
  { signal }: Cancel,
): Promise<ResyncStatus[]> {
  await getBucket(works.kv, bucket)
  const status: ResyncStatus[] = []
  for (const { targetId, record } of works.replicationTargets.all) {
    signal?.throwIfAborted()
    if (record.sourceBucket !== bucket) continue
    const row = await works.kv.get(resyncKey(targetId))
    if (row !== undefined) status.push(toResyncStatus(record.arn, withCounted(decodeResync(row.value))))
  }
  return status.sort((a, b) => (a.arn < b.arn ? -1 : 1))
}
