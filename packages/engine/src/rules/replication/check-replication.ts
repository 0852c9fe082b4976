import type {
  ReplicationConfiguration,
  ReplicationFilter,
  ReplicationRule,
} from '../../contract/replication.js'
import { EngineError, invalidArgument } from '../../errors.js'
import { limits } from '../../limits.js'
import { checkTags } from '../tags.js'

/**
 * What a bucket's replication rules may be, whatever targets there are. Source: aistor §4.2; S3 API Reference,
 * PutBucketReplication.
 *
 * @throws {@link EngineError} `InvalidArgument`, `InvalidRequest`, `InvalidTag`
 */
export function checkReplication({ role, rules }: ReplicationConfiguration): void {
  if (rules.length === 0 || rules.length > limits.replicationRulesMax)
    throw invalid('rules', String(rules.length), `There must be 1 to ${limits.replicationRulesMax} rules.`)
  const ids = new Set<string>()
  const priorities = new Set<number>()
  for (const rule of rules) {
    const { id = '', priority } = rule
    if (id.length > limits.replicationIdMaxChars)
      throw invalid('ID', id, `The ID of a rule must not exceed ${limits.replicationIdMaxChars} characters.`)
    if (id !== '' && ids.has(id)) throw invalid('ID', id, `Two rules have the same ID: "${id}".`)
    if (!Number.isSafeInteger(priority) || priority < 0)
      throw invalid('Priority', String(priority), 'A priority is a whole number, and not below 0.')
    if (priorities.has(priority))
      throw invalid('Priority', String(priority), `Two rules have the same priority: ${priority}.`)
    ids.add(id)
    priorities.add(priority)
    checkRule(rule)
  }
  if (Buffer.byteLength(JSON.stringify({ role, rules })) > limits.replicationMaxBytes)
    throw unsuitable(`The rules together must not exceed ${limits.replicationMaxBytes} bytes.`)
}

function checkRule(rule: ReplicationRule): void {
  const { status, filter = {}, destination, deleteMarkers, versionDeletes } = rule
  const { existingObjects, replicaModifications } = rule
  for (const [name, value] of Object.entries({
    ...{ Status: status, DeleteMarkerReplication: deleteMarkers ?? 'disabled' },
    ...{ DeleteReplication: versionDeletes ?? 'disabled' },
    ...{ ExistingObjectReplication: existingObjects ?? 'disabled' },
    ...{ ReplicaModifications: replicaModifications ?? 'enabled' },
  }))
    if (value !== 'enabled' && value !== 'disabled') throw invalidArgument(name, value)
  checkFilter(filter)
  if (filter.tags !== undefined && deleteMarkers === 'enabled')
    throw invalid(
      'DeleteMarkerReplication',
      deleteMarkers,
      'DeleteMarkerReplication cannot be enabled with tags: a delete marker has none.',
    )
  const { storageClass } = destination
  if (storageClass !== undefined && storageClass === '') throw invalidArgument('StorageClass', storageClass)
}

function checkFilter({ prefix, tags }: ReplicationFilter): void {
  if (prefix !== undefined && Buffer.byteLength(prefix) > limits.keyMaxBytes)
    throw invalid('Prefix', prefix, `The maximum size of a prefix is ${limits.keyMaxBytes}.`)
  if (tags === undefined) return
  if (Object.keys(tags).length === 0) throw invalid('Tag', '', 'A filter by tags needs a tag.')
  checkTags(tags, 'object')
}

const invalid = (argument: string, value: string, message: string): EngineError =>
  new EngineError('InvalidArgument', message, { argument, value })

/** Each is well formed, and they do not go together. */
const unsuitable = (reason: string): EngineError => new EngineError('InvalidRequest', reason, { reason })
