import type { Expiration, LifecycleFilter, LifecycleRule } from '@aquifer/engine'
import { invalidArgument, S3Error } from '../s3-error.js'
import { parseDate } from '../wire/dates.js'
import { readTagElements } from '../wire/tagging.js'
import { checkChildren, malformedXml, type XmlElement } from '../wire/xml-in.js'

export const lifecycleRoots = ['LifecycleConfiguration', 'BucketLifecycleConfiguration'] as const

/**
 * A document of lifecycle rules, also of the older form with a prefix in the rule. What is not known is refused, and what
 * is known and cannot be carried out yet as well: nobody is to wait for what will never happen.
 *
 * @throws {@link S3Error} `MalformedXML`, `InvalidArgument`, `InvalidTag`, `NotImplemented`
 */
export function readLifecycle(document: XmlElement, { abort }: { abort: boolean }): LifecycleRule[] {
  checkChildren(document, { many: ['Rule'] })
  const rules = document.all('Rule')
  if (rules.length === 0) throw malformedXml()
  return rules.map((rule) => readRule(rule, abort))
}

const tiers = 'There are no tiers that objects could be moved to.'
/** Actions of others that would change what is stored. */
const unbuilt: Readonly<Record<string, string>> = {
  Transition: tiers,
  NoncurrentVersionTransition: tiers,
  AllVersionsExpiration: 'Use ExpiredObjectAllVersions or DelMarkerExpiration instead.',
  Compression: 'Objects are not compressed.',
  NoncurrentVersionCompression: 'Objects are not compressed.',
}

const ABORT = 'AbortIncompleteMultipartUpload'
const EXPIRATION = 'Expiration'
const MARKER = 'DelMarkerExpiration'
const NONCURRENT = 'NoncurrentVersionExpiration'
const MARKERS = 'ExpiredObjectDeleteMarker'
const ALL = 'ExpiredObjectAllVersions'

function readRule(rule: XmlElement, mayAbort: boolean): LifecycleRule {
  for (const { name } of rule.children) {
    if (Object.hasOwn(unbuilt, name))
      throw new S3Error('NotImplemented', `${name} is not implemented. ${unbuilt[name]}`)
    if (name === ABORT && !mayAbort) throw new S3Error('NotImplemented', `${ABORT} is not supported.`)
  }
  checkChildren(rule, { one: ['ID', 'Status', 'Prefix', 'Filter', EXPIRATION, MARKER, NONCURRENT, ABORT] })
  const id = rule.find('ID')?.text ?? ''
  const filter = readFilterOf(rule)
  const [expiration, marker] = [rule.find(EXPIRATION), rule.find(MARKER)]
  const [noncurrent, abort] = [rule.find(NONCURRENT), rule.find(ABORT)]
  return {
    ...(id === '' ? {} : { id }),
    status: readStatus(rule),
    ...(filter && { filter }),
    ...(expiration && { expiration: readExpiration(expiration) }),
    ...(marker && { deleteMarkerExpiration: { days: needed(marker, 'Days') } }),
    ...(noncurrent && { noncurrentVersionExpiration: readNoncurrent(noncurrent) }),
    ...(abort && {
      abortIncompleteMultipartUpload: { daysAfterInitiation: needed(abort, 'DaysAfterInitiation') },
    }),
  }
}

function readStatus(rule: XmlElement): LifecycleRule['status'] {
  const status = rule.find('Status')?.text
  if (status === 'Enabled') return 'enabled'
  if (status === 'Disabled') return 'disabled'
  throw malformedXml()
}

function readFilterOf(rule: XmlElement): LifecycleFilter | undefined {
  const [prefix, filter] = [rule.find('Prefix'), rule.find('Filter')]
  if (filter === undefined) return prefix && { prefix: prefix.text }
  if (prefix !== undefined) throw malformedXml()
  if (filter.children.length > 1) throw malformedXml()
  const and = filter.find('And')
  if (and === undefined) return readPredicates(filter)
  if (and.children.length < 2) throw malformedXml()
  return readPredicates(and)
}

function readPredicates(filter: XmlElement): LifecycleFilter {
  checkChildren(filter, { one: ['Prefix', 'ObjectSizeGreaterThan', 'ObjectSizeLessThan'], many: ['Tag'] })
  const [prefix, tags] = [filter.find('Prefix'), filter.all('Tag')]
  const greater = readNumber(filter, 'ObjectSizeGreaterThan')
  const less = readNumber(filter, 'ObjectSizeLessThan')
  return {
    ...(prefix && { prefix: prefix.text }),
    ...(tags.length > 0 && { tags: readTagElements(tags) }),
    ...(greater === undefined ? {} : { sizeGreaterThan: greater }),
    ...(less === undefined ? {} : { sizeLessThan: less }),
  }
}

function readExpiration(element: XmlElement): Expiration {
  checkChildren(element, { one: ['Days', 'Date', MARKERS, ALL] })
  const days = readNumber(element, 'Days')
  const date = element.textOf('Date')
  const allVersions = readSwitch(element, ALL)
  if (allVersions && days === undefined) throw invalidArgument(`${ALL} needs Days.`, ALL, 'true')
  // Whether there is one of them and no more is the engine's to say.
  return {
    ...(days === undefined ? {} : { days }),
    ...(allVersions && { allVersions }),
    ...(date === undefined ? {} : { date: readDate(date) }),
    ...(readSwitch(element, MARKERS) && { expiredObjectDeleteMarker: true }),
  } as Expiration
}

function readDate(text: string): Date {
  const date = parseDate(/^\d{4}-\d{2}-\d{2}$/.test(text) ? `${text}T00:00:00Z` : text)
  if (date === undefined) throw invalidArgument("'Date' must be at midnight GMT", 'Date', text)
  return date
}

function readNoncurrent(element: XmlElement): NonNullable<LifecycleRule['noncurrentVersionExpiration']> {
  // The last is what MinIO once called it.
  checkChildren(element, { one: ['NoncurrentDays', 'NewerNoncurrentVersions', 'MaxNoncurrentVersions'] })
  const days = readNumber(element, 'NoncurrentDays')
  const newer = readNumber(element, 'NewerNoncurrentVersions') ?? readNumber(element, 'MaxNoncurrentVersions')
  return {
    ...(days === undefined ? {} : { noncurrentDays: days }),
    ...(newer === undefined ? {} : { newerNoncurrentVersions: newer }),
  }
}

function readNumber(element: XmlElement, name: string): number | undefined {
  const text = element.textOf(name)
  if (text === undefined) return undefined
  if (!/^-?\d{1,15}$/.test(text)) throw malformedXml()
  return Number(text)
}

function needed(element: XmlElement, name: string): number {
  checkChildren(element, { one: [name] })
  const found = readNumber(element, name)
  if (found === undefined) throw malformedXml()
  return found
}

function readSwitch(element: XmlElement, name: string): boolean {
  const text = element.textOf(name) ?? 'false'
  if (text !== 'true' && text !== 'false') throw malformedXml()
  return text === 'true'
}
