import type { Call, Operation } from '../operation.js'
import { notImplementedHeader, S3Error } from '../s3-error.js'
import { refuseUnhonoured } from '../wire/unhonoured-headers.js'
import { readSmallBody } from '../wire/xml-body.js'
import { parseXml } from '../wire/xml-in.js'

export const createBucket: Operation = async (call) => {
  const { engine, target, headers, principal, signal } = call
  refuseUnhonoured(headers)
  refuseBucketHeaders(headers)
  await checkConfiguration(call)
  await engine.createBucket(target.bucket, { ownerId: principal.ownerId, signal })
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
  if (asked('x-amz-bucket-object-lock-enabled', 'false'))
    throw notImplementedHeader('x-amz-bucket-object-lock-enabled')
  if (asked('x-amz-object-ownership', 'bucketownerenforced'))
    throw notImplementedHeader('x-amz-object-ownership')
  if (asked('x-amz-bucket-namespace', 'global')) throw notImplementedHeader('x-amz-bucket-namespace')
}

/** The optional CreateBucketConfiguration: there is one region, and it must be the one asked for. */
async function checkConfiguration(call: Call): Promise<void> {
  const body = await readSmallBody(call)
  if (body.byteLength === 0) return
  const configuration = parseXml(body, 'CreateBucketConfiguration')
  const constraint = configuration.textOf('LocationConstraint') ?? ''
  if (configuration.find('Tags') !== undefined)
    throw new S3Error('NotImplemented', 'Tags of buckets are not implemented.')
  if (configuration.find('Bucket') !== undefined || configuration.find('Location') !== undefined)
    throw new S3Error('NotImplemented', 'Directory buckets are not implemented.')
  if (constraint === '' || constraint === call.settings.region || constraint === 'us-east-1') return
  if (/^(?:EU|[a-z]{2}(?:-[a-z]+)+-\d)$/.test(constraint))
    throw new S3Error(
      'IllegalLocationConstraintException',
      `The ${constraint} location constraint is incompatible for the region specific endpoint this request was sent to.`,
    )
  throw new S3Error('InvalidLocationConstraint', 'The specified location-constraint is not valid', {
    LocationConstraint: constraint,
  })
}
