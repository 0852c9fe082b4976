import type { ReplicationTargetStatus } from '@aquifer/engine'
import { counted, formatDuration } from '../format.js'

/** Behind by less is every target at some time. */
const BEHIND_MS = 60_000

/** What a person should see to: targets that are behind, and versions that were given up. Neither names nor keys are told. */
export function replicationConcerns(targets: readonly ReplicationTargetStatus[], now: Date): string[] {
  const behind = targets.filter((target) => behindMs(target, now) > BEHIND_MS)
  const mostMs = Math.max(...behind.map((target) => behindMs(target, now)))
  const waiting = behind.reduce((sum, target) => sum + target.waiting, 0)
  const givenUp = targets.reduce((sum, { failures }) => sum + failures, 0)
  return [
    ...(behind.length === 0
      ? []
      : [
          `replication: ${counted(behind.length, 'target is', 'targets are')} behind by up to ${formatDuration(mostMs)}; ${counted(waiting, 'version waits', 'versions wait')}`,
        ]),
    ...(givenUp === 0 ? [] : [`replication: ${counted(givenUp, 'version was', 'versions were')} given up`]),
  ]
}

const behindMs = ({ waiting, waitingSince }: ReplicationTargetStatus, now: Date): number =>
  waiting === 0 || waitingSince === undefined ? 0 : now.getTime() - waitingSince.getTime()
