import { lifecycleCommands } from '../lifecycle/lifecycle-commands.js'
import { replicationCommands } from '../replication/replication-commands.js'
import { eventsCommands } from './events-commands.js'
import { groupCommands } from './group-commands.js'
import type { IdentityCommand } from './identity-command.js'
import { keyCommands } from './key-commands.js'
import { policyCommands } from './policy-commands.js'
import { userCommands } from './user-commands.js'

/** The commands that administer a store, by their words. */
export const identityCommands: Readonly<Record<string, IdentityCommand>> = {
  ...userCommands,
  ...keyCommands,
  ...groupCommands,
  ...policyCommands,
  ...lifecycleCommands,
  ...eventsCommands,
  ...replicationCommands,
}
