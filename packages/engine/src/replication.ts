import type { Replicator } from './background/replication/replicator.js'
import type { Replication } from './contract/replication.js'
import type { Cancel } from './contract/source.js'
import type { Activity } from './sync/activity.js'
import { addTarget } from './verbs/replication/add-target.js'
import { cancelResync } from './verbs/replication/cancel-resync.js'
import { checkTargets } from './verbs/replication/check-targets.js'
import { failures } from './verbs/replication/failures.js'
import { redriveVersions } from './verbs/replication/redrive-versions.js'
import { removeTarget } from './verbs/replication/remove-target.js'
import { replicationStatus } from './verbs/replication/replication-status.js'
import { resync } from './verbs/replication/resync.js'
import { resyncStatus } from './verbs/replication/resync-status.js'
import { updateTarget } from './verbs/replication/update-target.js'
import type { Works } from './works.js'

/** Each verb handed on, and counted as running. */
export function replicationHandle(works: Works, activity: Activity, replicator: Replicator): Replication {
  const run = <T>({ signal }: Cancel, verb: (signal: AbortSignal) => Promise<T>): Promise<T> =>
    activity.run(signal, async (joined) => {
      joined.throwIfAborted()
      return verb(joined)
    })
  return {
    addTarget: (bucket, target, options = {}) =>
      run(options, (signal) => addTarget(works, bucket, target, { signal })),
    updateTarget: (arn, change, options = {}) =>
      run(options, (signal) => updateTarget(works, arn, change, { signal })),
    removeTarget: (arn, options = {}) => run(options, () => removeTarget(works, arn)),
    status: (options = {}) =>
      run(options, (signal) =>
        replicationStatus(works, (target) => replicator.workOf(target), { ...options, signal }),
      ),
    check: (bucket, options = {}) => run(options, (signal) => checkTargets(works, bucket, { signal })),
    resync: (arn, options = {}) => run(options, () => resync(works, arn, options)),
    resyncStatus: (bucket, options = {}) =>
      run(options, (signal) =>
        resyncStatus(works, (record) => replicator.resyncCounts.addedTo(record), bucket, { signal }),
      ),
    cancelResync: (arn, options = {}) => run(options, () => cancelResync(works, arn)),
    failures: (options = {}) => failures(works, options),
    redrive: (options = {}) => run(options, (signal) => redriveVersions(works, { ...options, signal })),
  }
}
