import type { TargetState } from '../../catalog/records/replication-state-record.js'
import type { ReplicationStatus } from '../../contract/replication.js'

/** How far a version has come to all its targets together. Source: aistor §4.4. */
export function replicationStatus(
  targets: readonly Pick<TargetState, 'status'>[],
): ReplicationStatus | undefined {
  if (targets.length === 0) return undefined
  if (targets.some(({ status }) => status === 'failed')) return 'failed'
  return targets.every(({ status }) => status === 'completed') ? 'completed' : 'pending'
}
