import type { EventName } from '../../contract/events.js'

/** What a rule may ask for that AIStor calls otherwise, beside each event's own name. Source: S3 User Guide, "Event types". */
const alsoCalled: Partial<Record<EventName, EventName>> = {
  's3:ObjectCreated:PutTagging': 's3:ObjectTagging:Put',
  's3:ObjectCreated:DeleteTagging': 's3:ObjectTagging:Delete',
}

/** The same for what lifecycle does by itself. */
const alsoCalledOfLifecycle: Partial<Record<EventName, EventName>> = {
  's3:ObjectRemoved:Delete': 's3:LifecycleExpiration:Delete',
  's3:ObjectRemoved:DeleteMarkerCreated': 's3:LifecycleExpiration:DeleteMarkerCreated',
}

/** What happens in this engine. */
const caused: Record<Exclude<EventName, 's3:TestEvent' | NeverCaused>, true> = {
  's3:ObjectAccessed:Attributes': true,
  's3:ObjectAccessed:Get': true,
  's3:ObjectAccessed:GetLegalHold': true,
  's3:ObjectAccessed:GetRetention': true,
  's3:ObjectAccessed:Head': true,
  's3:ObjectCreated:CompleteMultipartUpload': true,
  's3:ObjectCreated:Copy': true,
  's3:ObjectCreated:DeleteTagging': true,
  's3:ObjectCreated:Post': true,
  's3:ObjectCreated:Put': true,
  's3:ObjectCreated:PutLegalHold': true,
  's3:ObjectCreated:PutRetention': true,
  's3:ObjectCreated:PutTagging': true,
  's3:ObjectRemoved:Delete': true,
  's3:ObjectRemoved:DeleteAllVersions': true,
  's3:ObjectRemoved:DeleteMarkerCreated': true,
  's3:ObjectRemoved:NoOP': true,
  's3:LifecycleDelMarkerExpiration:Delete': true,
  's3:ObjectTagging:Put': true,
  's3:ObjectTagging:Delete': true,
  's3:LifecycleExpiration:Delete': true,
  's3:LifecycleExpiration:DeleteMarkerCreated': true,
  's3:BucketCreated:*': true,
  's3:BucketRemoved:*': true,
  's3:Replication:OperationCompletedReplication': true,
  's3:Replication:OperationFailedReplication': true,
}

/** Of replication nothing is tracked by a threshold of time. */
type NeverCaused =
  | 's3:Replication:OperationMissedThreshold'
  | 's3:Replication:OperationNotTracked'
  | 's3:Replication:OperationReplicatedAfterThreshold'

/**
 * What nothing causes yet, or never will here, and a rule may name all the same: AIStor's and AWS's clients configure them
 * by groups, and a name that is valid to S3 is not to be refused.
 */
const neverCaused = [
  's3:ObjectRestore:Post',
  's3:ObjectRestore:Completed',
  's3:ObjectRestore:Delete',
  's3:ObjectTransition:Failed',
  's3:ObjectTransition:Complete',
  's3:Replication:OperationNotTracked',
  's3:Replication:OperationMissedThreshold',
  's3:Replication:OperationReplicatedAfterThreshold',
  's3:Scanner:ManyVersions',
  's3:Scanner:LargeVersions',
  's3:Scanner:BigPrefix',
  's3:ReducedRedundancyLostObject',
  's3:LifecycleTransition',
  's3:IntelligentTiering',
  's3:ObjectAcl:Put',
]

const single: ReadonlySet<string> = new Set([...Object.keys(caused), ...neverCaused])
const groups: ReadonlySet<string> = new Set(
  [...single].filter((name) => name.split(':').length === 3).map((name) => groupOf(name)),
)

/** All that happens in this engine, by groups. */
export const allEventNames: readonly string[] = [...new Set(Object.keys(caused).map((name) => groupOf(name)))]

/** `s3:ObjectCreated:*` of `s3:ObjectCreated:Put`. */
function groupOf(name: string): string {
  return `${name.slice(0, name.lastIndexOf(':'))}:*`
}

/** Whether a rule may ask for it: an event's name, or a group of them. */
export const isEventName = (name: string): boolean => single.has(name) || groups.has(name)

/** What the event is called by a rule that asks for these names; undefined if it does not ask for it. */
export function nameFor(
  event: EventName,
  names: ReadonlySet<string>,
  { isLifecycle = false }: { isLifecycle?: boolean } = {},
): EventName | undefined {
  if (names.has(event) || names.has(groupOf(event))) return event
  const other = (isLifecycle ? alsoCalledOfLifecycle : alsoCalled)[event]
  return other !== undefined && (names.has(other) || names.has(groupOf(other))) ? other : undefined
}

/** Whether two rules may ask for the same event. */
export const namesMeet = (a: readonly string[], b: readonly string[]): boolean =>
  a.some((one) => b.some((other) => one === other || groupOf(one) === other || one === groupOf(other)))
