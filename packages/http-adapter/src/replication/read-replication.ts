import type { ReplicationConfiguration, ReplicationFilter, ReplicationRule } from '@aquifer/engine'
import { S3Error } from '../s3-error.js'
import { isStorageClass } from '../wire/storage-class.js'
import { readTagElements } from '../wire/tagging.js'
import { checkChildren, malformedXml, type XmlElement } from '../wire/xml-in.js'
import { readDestinationArn } from './destination-arn.js'

type Switch = 'enabled' | 'disabled'

export const replicationRoot = 'ReplicationConfiguration'

const MARKERS = 'DeleteMarkerReplication'
const DELETES = 'DeleteReplication'
const EXISTING = 'ExistingObjectReplication'
const CRITERIA = 'SourceSelectionCriteria'

/**
 * A document of rules of replication. What is not known is refused, and what S3 knows and is not done here as well: nobody
 * is to wait for what will never happen.
 *
 * @throws {@link S3Error} `MalformedXML`, `InvalidTag`, `NotImplemented`, and for a destination that is no target's ARN
 * `XMinioAdminRemoteArnInvalid`, `XMinioAdminRemoteARNTypeInvalid`.
 */
export function readReplication(document: XmlElement): ReplicationConfiguration {
  checkChildren(document, { one: ['Role'], many: ['Rule'] })
  const role = document.textOf('Role') || undefined
  const rules = document.all('Rule')
  if (rules.length === 0) throw malformedXml()
  return { ...(role && { role }), rules: rules.map((rule) => readRule(rule, role)) }
}

function readRule(rule: XmlElement, role: string | undefined): ReplicationRule {
  if (rule.find('Prefix') !== undefined)
    throw malformedXml('A prefix stands in a filter: Filter with Prefix, in place of Prefix.')
  checkChildren(rule, {
    one: ['ID', 'Status', 'Priority', 'Filter', 'Destination', MARKERS, DELETES, EXISTING, CRITERIA],
  })
  const id = rule.find('ID')?.text ?? ''
  const filter = readFilter(rule.find('Filter'))
  const deleteMarkers = readOptional(rule, MARKERS)
  if (deleteMarkers === undefined) throw malformedXml(`${MARKERS} must be said.`)
  const versionDeletes = readOptional(rule, DELETES)
  const existingObjects = readOptional(rule, EXISTING)
  const replicaModifications = readCriteria(rule.find(CRITERIA))
  return {
    ...(id === '' ? {} : { id }),
    status: readStatus(rule),
    priority: readPriority(rule),
    ...(filter && { filter }),
    destination: readDestination(rule.find('Destination'), role),
    deleteMarkers,
    ...(versionDeletes && { versionDeletes }),
    ...(existingObjects && { existingObjects }),
    ...(replicaModifications && { replicaModifications }),
  }
}

function readStatus(element: XmlElement): Switch {
  const status = element.textOf('Status')
  if (status === 'Enabled') return 'enabled'
  if (status === 'Disabled') return 'disabled'
  throw malformedXml()
}

/** Clients in Go write everything there is, and what was not said without a word. */
function readOptional(parent: XmlElement, name: string): Switch | undefined {
  const element = parent.find(name)
  if (element === undefined) return undefined
  checkChildren(element, { one: ['Status'] })
  return element.textOf('Status') === '' ? undefined : readStatus(element)
}

/** Who says no priority has one rule, or says that of one alone. */
function readPriority(rule: XmlElement): number {
  const text = rule.textOf('Priority') ?? '0'
  if (!/^\d{1,10}$/.test(text)) throw malformedXml()
  return Number(text)
}

function readFilter(filter: XmlElement | undefined): ReplicationFilter | undefined {
  if (filter === undefined) return undefined
  checkChildren(filter, { one: ['And', 'Prefix', 'Tag'] })
  const said = filter.children.filter(saysSomething)
  if (said.length > 1) throw malformedXml()
  const [only] = said
  if (only?.name === 'And') return readPredicates(only)
  if (only?.name === 'Tag') return { tags: readTagElements([only], '') }
  return { prefix: only?.text ?? '' }
}

const saysSomething = ({ name, text, children }: XmlElement): boolean =>
  children.length > 0 || (name === 'Prefix' ? text : text.trim()) !== ''

function readPredicates(and: XmlElement): ReplicationFilter {
  checkChildren(and, { one: ['Prefix'], many: ['Tag'] })
  const [prefix, tags] = [and.find('Prefix'), and.all('Tag')]
  return {
    ...(prefix && { prefix: prefix.text }),
    ...(tags.length > 0 && { tags: readTagElements(tags, '') }),
  }
}

function readCriteria(criteria: XmlElement | undefined): Switch | undefined {
  if (criteria === undefined) return undefined
  checkChildren(criteria, { one: ['ReplicaModifications', 'SseKmsEncryptedObjects'] })
  refuseUnlessDisabled(criteria, 'SseKmsEncryptedObjects', 'Objects are not encrypted by keys of a KMS.')
  return readOptional(criteria, 'ReplicaModifications')
}

function readDestination(
  destination: XmlElement | undefined,
  role: string | undefined,
): ReplicationRule['destination'] {
  const bucket = destination?.textOf('Bucket')
  if (destination === undefined || bucket === undefined) throw malformedXml()
  const another = 'The objects belong to the bucket that they are in.'
  refuse(destination, 'AccessControlTranslation', another)
  refuse(destination, 'Account', another)
  refuse(destination, 'EncryptionConfiguration', 'The target encrypts as it is set to.')
  refuseUnlessDisabled(destination, 'ReplicationTime', 'No time is promised; see the metrics for what it is.')
  refuseUnlessDisabled(destination, 'Metrics', 'The metrics are there always, by GET ?replication-metrics.')
  checkChildren(destination, { one: ['Bucket', 'StorageClass', 'ReplicationTime', 'Metrics'] })
  const storageClass = destination.textOf('StorageClass')
  if (storageClass !== undefined && !isStorageClass(storageClass)) throw malformedXml()
  return { arn: readDestinationArn(bucket, role), ...(storageClass && { storageClass }) }
}

function refuse(parent: XmlElement, name: string, why: string): void {
  if (parent.find(name) !== undefined)
    throw new S3Error('NotImplemented', `${name} is not implemented. ${why}`)
}

/** To say that something is not wanted which is not there asks for nothing. */
function refuseUnlessDisabled(parent: XmlElement, name: string, why: string): void {
  if (parent.all(name).some((element) => readStatus(element) === 'enabled')) refuse(parent, name, why)
}
