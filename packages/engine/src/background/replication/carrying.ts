import type { ReplicationTarget } from '../../contract/replication.js'
import type { KnownTarget } from '../../replication/targets.js'
import type { Courtesy } from '../../sync/courtesy.js'
import type { Pace } from '../../sync/pace.js'
import type { Works } from '../../works.js'

/** What a target's versions are carried over by. */
export interface Carrying {
  readonly works: Works
  readonly target: KnownTarget
  readonly connection: ReplicationTarget
  readonly pace: Pace
  /** Lets go first who writes and reads here. */
  readonly courtesy: Courtesy
}
