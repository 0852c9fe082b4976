import { Buffer } from 'node:buffer'

/**
 * Versions that wait for a replication target stand in its two queues of the outbox. Large ones have their own, so that no small one
 * waits behind them; for a target that does not keep ids everything stands in the first, in order.
 */
type ReplicationQueue = 'small' | 'large'

const PREFIX = 'replication:'

export const replicationQueue = (targetId: Uint8Array, queue: ReplicationQueue): string =>
  `${PREFIX}${queue}:${Buffer.from(targetId).toString('hex')}`

/** All that there are of a target. */
export const replicationQueues = (targetId: Uint8Array): readonly string[] => [
  replicationQueue(targetId, 'small'),
  replicationQueue(targetId, 'large'),
]

export const isReplicationQueue = (target: string): boolean => target.startsWith(PREFIX)
