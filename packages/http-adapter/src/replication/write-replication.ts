import type { ReplicationConfiguration, ReplicationFilter, ReplicationRule } from '@aquifer/engine'
import { element, optional, text, xmlDocument } from '../wire/xml-out.js'
import { writeDestinationArn } from './destination-arn.js'
import { replicationRoot } from './read-replication.js'

/** What was left out is told as what holds without it: S3's default is not always AIStor's. */
export const replicationDocument = ({ role, rules }: ReplicationConfiguration): string =>
  xmlDocument(replicationRoot, text('Role', role ?? ''), ...rules.map((rule) => ruleElement(rule, role)))

function ruleElement(rule: ReplicationRule, role: string | undefined): string {
  const { destination } = rule
  return element(
    'Rule',
    optional('ID', rule.id),
    statusOf(rule.status),
    text('Priority', rule.priority),
    element('DeleteMarkerReplication', statusOf(rule.deleteMarkers ?? 'disabled')),
    element('DeleteReplication', statusOf(rule.versionDeletes ?? 'disabled')),
    element('ExistingObjectReplication', statusOf(rule.existingObjects ?? 'disabled')),
    element(
      'SourceSelectionCriteria',
      element('ReplicaModifications', statusOf(rule.replicaModifications ?? 'enabled')),
    ),
    element(
      'Destination',
      text('Bucket', writeDestinationArn(destination.arn, role)),
      optional('StorageClass', destination.storageClass),
    ),
    filterElement(rule.filter),
  )
}

const statusOf = (status: 'enabled' | 'disabled'): string =>
  text('Status', status === 'enabled' ? 'Enabled' : 'Disabled')

/** Clients look for one in every rule. */
function filterElement({ prefix, tags = {} }: ReplicationFilter = { prefix: '' }): string {
  const predicates = [
    ...(prefix === undefined ? [] : [text('Prefix', prefix)]),
    ...Object.entries(tags).map(([name, value]) => element('Tag', text('Key', name), text('Value', value))),
  ]
  return element('Filter', predicates.length > 1 ? element('And', ...predicates) : predicates.join(''))
}
