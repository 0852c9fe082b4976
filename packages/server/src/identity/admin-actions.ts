import { lifecycleActions } from '../lifecycle/lifecycle-actions.js'
import { replicationActions } from '../replication/replication-actions.js'
import type { AdminAction } from './admin-action.js'
import { eventsActions } from './events-actions.js'
import { groupActions } from './group-actions.js'
import { keyActions } from './key-actions.js'
import { policyActions } from './policy-actions.js'
import { userActions } from './user-actions.js'

/** Everything that can be administered, by the path behind `/-/admin/`. */
export const adminActions = {
  ...userActions,
  ...keyActions,
  ...groupActions,
  ...policyActions,
  ...lifecycleActions,
  ...eventsActions,
  ...replicationActions,
}

export type AdminActionName = keyof typeof adminActions

export const findAdminAction = (path: string): AdminAction<unknown> | undefined =>
  Object.hasOwn(adminActions, path)
    ? (adminActions[path as AdminActionName] as unknown as AdminAction<unknown>)
    : undefined
