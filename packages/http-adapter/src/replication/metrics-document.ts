import type { ReplicationCounts, ReplicationTargetStatus, ResyncStatus } from '@aquifer/engine'

/** In AIStor's words, as far as its figures are known here. */
export function metricsDocument(targets: readonly ReplicationTargetStatus[]): object {
  const sum = (count: (target: ReplicationTargetStatus) => number): number =>
    targets.reduce((total, target) => total + count(target), 0)
  const all = (counts: 'completed' | 'failed'): ReplicationCounts => ({
    versions: sum((target) => target[counts].versions),
    bytes: sum((target) => target[counts].bytes),
  })
  const waiting = sum((target) => target.waiting)
  return {
    Stats: Object.fromEntries(targets.map((target) => [target.arn, targetFigures(target)])),
    ...figures(all('completed'), all('failed'), waiting),
    queued: { curr: { count: waiting } },
  }
}

/** The second form has the first in it. */
export const metricsOfNodeDocument = (
  targets: readonly ReplicationTargetStatus[],
  { nodeName, uptime }: { readonly nodeName: string; readonly uptime: number },
): object => {
  const currStats = metricsDocument(targets) as { readonly queued: object }
  const nodes = [{ nodeName, uptime, queueStats: currStats.queued }]
  return { uptime, currStats, queueStats: { nodes, uptime } }
}

const targetFigures = ({ completed, failed, waiting, bandwidthLimit }: ReplicationTargetStatus): object => ({
  ...figures(completed, failed, waiting),
  // Bytes a second, whatever it is called.
  ...(bandwidthLimit !== undefined && { limitInBits: bandwidthLimit }),
})

const figures = (completed: ReplicationCounts, failed: ReplicationCounts, waiting: number): object => ({
  replicationCount: completed.versions,
  completedReplicationSize: completed.bytes,
  pendingReplicationCount: waiting,
  failedReplicationCount: failed.versions,
  failedReplicationSize: failed.bytes,
  failed: { totals: { count: failed.versions, bytes: failed.bytes } },
})

const resyncStatuses: Readonly<Record<ResyncStatus['status'], string>> = {
  ongoing: 'Ongoing',
  completed: 'Completed',
  canceled: 'Canceled',
}

export const resyncDocument = (bucket: string, resyncs: readonly ResyncStatus[]): object => ({
  target: resyncs.map(({ arn, resyncId, status, started, ended, completed, failed, key }) => ({
    arn,
    resetid: resyncId,
    startTime: started,
    ...(ended && { endTime: ended }),
    resyncStatus: resyncStatuses[status],
    completedReplicationSize: completed.bytes,
    replicationCount: completed.versions,
    failedReplicationSize: failed.bytes,
    failedReplicationCount: failed.versions,
    bucket,
    ...(key !== undefined && { object: key }),
  })),
})
