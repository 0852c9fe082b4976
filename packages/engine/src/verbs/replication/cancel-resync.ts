import { resyncKey } from '../../catalog/keys.js'
import { decodeResync, encodeResync } from '../../catalog/records/resync-record.js'
import { commit } from '../../commit/commit.js'
import type { ResyncStatus } from '../../contract/replication.js'
import { invalidRequest } from '../../errors.js'
import { toResyncStatus } from '../../replication/resync-status.js'
import { targetTurn } from '../../replication/targets.js'
import type { Works } from '../../works.js'

/** Nothing more is put in line. What stands there is carried over. */
export async function cancelResync(works: Works, arn: string): Promise<ResyncStatus> {
  const { targetId } = works.replicationTargets.getByArn(arn)
  const record = await commit(works, {
    turns: [targetTurn(targetId)],
    read: (draft) => draft.get(resyncKey(targetId)),
    decide: (row, draft) => {
      const record = row && decodeResync(row.value)
      if (row === undefined || record?.status !== 'ongoing')
        throw invalidRequest('No resync of the target is going on.')
      const canceled = { ...record, status: 'canceled', endedMs: works.clock.now() } as const
      draft.put(row.key, encodeResync(canceled))
      return canceled
    },
  })
  return toResyncStatus(arn, record)
}
