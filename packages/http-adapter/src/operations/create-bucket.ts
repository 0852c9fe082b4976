import { type Tags, zoneOfBucketName } from '@aquifer/engine'
import type { Call, Operation } from '../operation.js'
import { notImplementedHeader, S3Error } from '../s3-error.js'
import { readTagElements } from '../wire/tagging.js'
import { refuseUnhonoured } from '../wire/unhonoured-headers.js'
import { readSmallBody } from '../wire/xml-body.js'
import { parseXml, type XmlElement } from '../wire/xml-in.js'

export const createBucket: Operation = async (call) => {
  const { engine, target, headers, principal, signal } = call
  refuseUnhonoured(headers)
  refuseBucketHeaders(headers)
  refuseDirectoryName(call)
  const objectLock = readObjectLock(call)
  const tags = await readConfiguration(call)
  await engine.createBucket(target.bucket, {
    ownerId: principal.ownerId,
    ...{ tags, objectLock, signal },
    origin: call.origin,
  })
  return {
    status: 200,
    headers: { location: `/${target.bucket}`, 'x-amz-bucket-arn': `arn:aws:s3:::${target.bucket}` },
  }
}

/** Asked for in words that only say what holds anyway, or refused. */
function refuseBucketHeaders(headers: Call['headers']): void {
  const asked = (name: string, ...harmless: readonly string[]): boolean => {
    const value = headers.get(name)
    return value !== undefined && !harmless.includes(value.toLowerCase())
  }
  if (asked('x-amz-object-ownership', 'bucketownerenforced'))
    throw notImplementedHeader('x-amz-object-ownership')
  if (asked('x-amz-bucket-namespace', 'global')) throw notImplementedHeader('x-amz-bucket-namespace')
}

/** Object lock brings versioning with it. */
function readObjectLock({ headers, settings }: Call): boolean {
  const name = 'x-amz-bucket-object-lock-enabled'
  const value = headers.get(name)?.toLowerCase() ?? 'false'
  if (value !== 'true' && value !== 'false')
    throw new S3Error('InvalidRequest', `The value of ${name} must be true or false.`)
  if (value === 'false') return false
  if (settings.profile === 'express') throw notImplementedHeader(name)
  return true
}

/**
 * The optional CreateBucketConfiguration: there is one region, and it must be the one asked for. Gives the tags that
 * the bucket is to have.
 */
async function readConfiguration(call: Call): Promise<Tags> {
  const body = await readSmallBody(call)
  if (body.byteLength === 0) return {}
  const configuration = parseXml(body, 'CreateBucketConfiguration')
  checkLocation(configuration, call)
  const tags = readTagElements(configuration.find('Tags')?.all('Tag') ?? [])
  if (Object.keys(tags).length > 0) await authorizeBucketTags(call)
  return tags
}

/** A tag needs its own right, and S3 Express mode has none. */
async function authorizeBucketTags({ settings, target, rights }: Call): Promise<void> {
  if (settings.profile === 'express')
    throw new S3Error('NotImplemented', 'Tags are not implemented in S3 Express mode.')
  await rights.demand('s3:PutBucketTagging', target)
}

/** The names of directory buckets are kept for them. In S3 Express mode a bucket may have any name all the same. */
function refuseDirectoryName({ settings, target }: Call): void {
  if (settings.profile === 'express' || zoneOfBucketName(target.bucket) === undefined) return
  throw new S3Error('InvalidBucketName', 'The specified bucket is not valid.', { BucketName: target.bucket })
}

/** Where a directory bucket is to be, in words that only say what holds: its zone is that of its name. */
function checkDirectory(configuration: XmlElement, { settings, target }: Call): void {
  const bucket = configuration.find('Bucket')
  const location = configuration.find('Location')
  if (bucket === undefined && location === undefined) return
  if (settings.profile !== 'express')
    throw new S3Error('NotImplemented', 'Directory buckets belong to S3 Express mode.')
  const holds = (element: XmlElement | undefined, name: string, ...values: readonly string[]): boolean => {
    const value = element?.textOf(name)
    return value === undefined || values.includes(value)
  }
  if (
    !holds(bucket, 'Type', 'Directory') ||
    !holds(bucket, 'DataRedundancy', 'SingleAvailabilityZone', 'SingleLocalZone') ||
    !holds(location, 'Type', 'AvailabilityZone', 'LocalZone') ||
    !holds(location, 'Name', zoneOfBucketName(target.bucket) ?? '')
  )
    throw new S3Error('InvalidRequest', 'A directory bucket is in the one zone that its name says.')
}

function checkLocation(configuration: XmlElement, call: Call): void {
  checkDirectory(configuration, call)
  const { settings } = call
  const constraint = configuration.textOf('LocationConstraint') ?? ''
  if (constraint === '' || constraint === settings.region || constraint === 'us-east-1') return
  if (/^(?:EU|[a-z]{2}(?:-[a-z]+)+-\d)$/.test(constraint))
    throw new S3Error(
      'IllegalLocationConstraintException',
      `The ${constraint} location constraint is incompatible for the region specific endpoint this request was sent to.`,
    )
  throw new S3Error('InvalidLocationConstraint', 'The specified location-constraint is not valid', {
    LocationConstraint: constraint,
  })
}
