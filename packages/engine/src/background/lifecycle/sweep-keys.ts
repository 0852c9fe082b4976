import { Draft } from '../../catalog/draft.js'
import type { ObjectTarget } from '../../catalog/find.js'
import type { RowKey } from '../../catalog/keys.js'
import { commit } from '../../commit/commit.js'
import { turnOf } from '../../commit/object-change.js'
import type { SweepAction } from '../../contract/lifecycle.js'
import type { Works } from '../../works.js'
import { actionsOf, carryOut } from './carry-out.js'
import { type KeyPlan, planKey, type SweepTime } from './plan-key.js'

/** A key that is to be looked at, and the row that says so. */
export interface DueKey {
  readonly row: RowKey
  readonly target: ObjectTarget
}

export interface Swept {
  /** Of the keys, from the first on, how many were looked at: one commit holds no more. */
  readonly keys: number
  readonly actions: readonly SweepAction[]
  /** Whether some are to be looked at again at once. */
  readonly again: boolean
}

/**
 * Looks at keys and has happen to them what is due, in one commit: with it their rows go, and those of their next looks
 * are written. So a crash leaves the work done or still written down.
 */
export function sweepKeys(works: Works, keys: readonly DueKey[], time: SweepTime): Promise<Swept> {
  return commit(works, {
    turns: keys.map(({ target }) => turnOf(target)),
    read: (draft) => planAsMany(works, draft, keys, time),
    decide: (plans, draft) => {
      // In the end: what a marker hides can go for good, and a row of a look takes the place of another.
      draft.freesSpace = true
      for (const plan of plans) carryOut(works, draft, plan)
      for (const [at, plan] of plans.entries()) if (plan.again !== true) draft.deleteUnlessPut(keys[at]!.row)
      return sweptOf(plans)
    },
  })
}

/** What `sweepKeys` would do. */
export async function previewKeys(works: Works, keys: readonly DueKey[], time: SweepTime): Promise<Swept> {
  return sweptOf(await planAsMany(works, new Draft(works.kv), keys, time))
}

const sweptOf = (plans: readonly KeyPlan[]): Swept => ({
  keys: plans.length,
  actions: plans.flatMap(actionsOf),
  again: plans.some(({ again }) => again === true),
})

/** So much that what one key more may add still goes into the same commit. */
const CHECKS = 500
const ROWS = 500
const BYTES = 400_000
const PAYLOAD_BYTES = 2 * 1024 ** 2

async function planAsMany(
  works: Works,
  draft: Draft,
  keys: readonly DueKey[],
  time: SweepTime,
): Promise<KeyPlan[]> {
  const plans: KeyPlan[] = []
  let rows = 0
  let bytes = 0
  let payloadBytes = 0
  for (const { target } of keys) {
    const plan = await planKey(works, draft, target, time)
    plans.push(plan)
    const changes = 1 + (plan.noncurrent?.length ?? 0) + (plan.all?.length ?? 0)
    const rowsOfChange = ROWS_OF_CHANGE + rowsOfReplication(plan)
    rows += rowsOfChange * changes
    bytes += changes * (BYTES_OF_CHANGE + rowsOfChange * target.key.length)
    payloadBytes += plan.current === undefined ? 0 : (plan.state?.payload?.byteLength ?? 0)
    if (draft.checkCount > CHECKS || rows > ROWS || bytes > BYTES || payloadBytes > PAYLOAD_BYTES) break
  }
  return plans
}

/** A version's row and the key's own, the rows of its references, of reclaiming its bytes, of the next look. */
const ROWS_OF_CHANGE = 5
const BYTES_OF_CHANGE = 1_000

/** What is known of how far a version has come; of a delete marker also what waits for each target. */
function rowsOfReplication({ state }: KeyPlan): number {
  if (state?.bucket.hasReplicationStates !== true) return 0
  return 1 + (state.replication?.length ?? 0)
}
