import type { Draft } from '../catalog/draft.js'
import type { ObjectTarget } from '../catalog/find.js'
import { replicationStateKey } from '../catalog/keys.js'
import type { BucketRecord } from '../catalog/records/bucket-record.js'
import type { ObjectRecord } from '../catalog/records/object-record.js'
import {
  decodeReplicationState,
  type ReplicationStateRecord,
} from '../catalog/records/replication-state-record.js'
import { placeOf } from '../rules/version-id.js'

interface Whose {
  readonly target: ObjectTarget
  readonly bucket: BucketRecord
}

/** What is known of a version's way to other stores, where a change of it has to know. The commit rests on it. */
export async function findReplicationState(
  draft: Draft,
  whose: Whose,
  version: ObjectRecord,
): Promise<ReplicationStateRecord | undefined> {
  if (!mayBeKnown(whose, version)) return undefined
  const row = await draft.get(stateKeyOf(whose, version))
  return row && decodeReplicationState(row.value, `replication of "${whose.target.key}"`)
}

/** A version's row goes, and with it what is known of its way to other stores. Costs nothing where nothing can be known. */
export function forgetReplicationState(draft: Draft, whose: Whose, version: ObjectRecord): void {
  if (mayBeKnown(whose, version)) draft.delete(stateKeyOf(whose, version))
}

/** Whether another store may have the version, or may come to have it. */
export const mayBeKnown = ({ bucket }: Pick<Whose, 'bucket'>, version: ObjectRecord): boolean =>
  bucket.hasReplicationStates === true || version.isReplica === true

export const stateKeyOf = ({ bucket, target }: Whose, version: ObjectRecord): Uint8Array =>
  replicationStateKey(bucket.bucketId, target.key, placeOf(version))
