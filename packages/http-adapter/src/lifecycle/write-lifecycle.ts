import type { Expiration, LifecycleConfiguration, LifecycleFilter, LifecycleRule } from '@aquifer/engine'
import { date, element, optional, text, xmlDocument } from '../wire/xml-out.js'

export const lifecycleDocument = ({ rules }: LifecycleConfiguration): string =>
  xmlDocument('LifecycleConfiguration', ...rules.map(ruleElement))

function ruleElement(rule: LifecycleRule): string {
  const { filter, expiration, deleteMarkerExpiration, noncurrentVersionExpiration: noncurrent } = rule
  const abort = rule.abortIncompleteMultipartUpload
  return element(
    'Rule',
    optional('ID', rule.id),
    text('Status', rule.status === 'enabled' ? 'Enabled' : 'Disabled'),
    filterElement(filter),
    expiration === undefined ? '' : expirationElement(expiration),
    deleteMarkerExpiration === undefined
      ? ''
      : element('DelMarkerExpiration', text('Days', deleteMarkerExpiration.days)),
    noncurrent === undefined
      ? ''
      : element(
          'NoncurrentVersionExpiration',
          optional('NoncurrentDays', noncurrent.noncurrentDays),
          optional('NewerNoncurrentVersions', noncurrent.newerNoncurrentVersions),
        ),
    abort === undefined
      ? ''
      : element('AbortIncompleteMultipartUpload', text('DaysAfterInitiation', abort.daysAfterInitiation)),
  )
}

/** Clients look for one in every rule, and S3 writes one. */
function filterElement(filter: LifecycleFilter = { prefix: '' }): string {
  const { prefix, tags = {}, sizeGreaterThan, sizeLessThan } = filter
  const predicates = [
    optional('Prefix', prefix),
    ...Object.entries(tags).map(([name, value]) => element('Tag', text('Key', name), text('Value', value))),
    optional('ObjectSizeGreaterThan', sizeGreaterThan),
    optional('ObjectSizeLessThan', sizeLessThan),
  ].filter((predicate) => predicate !== '')
  return element('Filter', predicates.length > 1 ? element('And', ...predicates) : predicates.join(''))
}

function expirationElement(expiration: Expiration): string {
  if ('date' in expiration) return element('Expiration', date('Date', expiration.date))
  if (!('days' in expiration)) return element('Expiration', text('ExpiredObjectDeleteMarker', true))
  const all = expiration.allVersions === true ? text('ExpiredObjectAllVersions', true) : ''
  return element('Expiration', text('Days', expiration.days), all)
}
