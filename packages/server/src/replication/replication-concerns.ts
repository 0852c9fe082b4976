import type { ReplicationTargetStatus } from '@aquifer/engine'
import { counted, formatDuration } from '../format.js'

/** What a person should see to: targets that do not answer, and versions that were given up. Neither names nor keys are told. */
export function replicationConcerns(targets: readonly ReplicationTargetStatus[], now: Date): string[] {
  const silent = targets.filter(({ isOnline, waiting }) => !isOnline && waiting > 0)
  const waiting = silent.reduce((sum, target) => sum + target.waiting, 0)
  const since = silent.flatMap(({ waitingSince }) =>
    waitingSince === undefined ? [] : [waitingSince.getTime()],
  )
  const givenUp = targets.reduce((sum, { failures }) => sum + failures, 0)
  const oldest =
    since.length === 0 ? '' : `, the oldest for ${formatDuration(now.getTime() - Math.min(...since))}`
  return [
    ...(silent.length === 0
      ? []
      : [
          `replication: ${counted(silent.length, 'target takes', 'targets take')} nothing; ${counted(waiting, 'version waits', 'versions wait')}${oldest}`,
        ]),
    ...(givenUp === 0 ? [] : [`replication: ${counted(givenUp, 'version was', 'versions were')} given up`]),
  ]
}
