import type { ConnectReplicationTarget } from '@aquifer/engine'
import { OutgoingCalls, s3ReplicationTargets } from '@aquifer/targets'

/** To one server: several targets may be there, each with up to 256 versions under way. */
const CONNECTIONS_MAX = 256

/** @param allowed Blocks of addresses of this machine that calls may go to. */
export const replicationTargets = (allowed: readonly string[]): ConnectReplicationTarget =>
  s3ReplicationTargets({ calls: new OutgoingCalls({ allowed, connectionsMax: CONNECTIONS_MAX }) })
