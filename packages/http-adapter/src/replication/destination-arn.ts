import { S3Error } from '../s3-error.js'
import { malformedXml } from '../wire/xml-in.js'

const ofTarget = /^arn:minio:replication:[^:]*:[^:]+:([^:]+)$/
const ofBucket = /^arn:aws:s3:::([^:]+)$/

/**
 * Which target a rule's destination is: it has the target's ARN, or in AIStor's older form, where the role has that, its
 * bucket's.
 *
 * @throws {@link S3Error} `MalformedXML`, `XMinioAdminRemoteArnInvalid`, `XMinioAdminRemoteARNTypeInvalid`
 */
export function readDestinationArn(destination: string, role: string | undefined): string {
  const target = role !== undefined && ofTarget.test(role) ? role : undefined
  const [, bucket] = ofBucket.exec(destination) ?? []
  if (target !== undefined && target !== destination && bucket !== bucketOf(target))
    throw malformedXml('A role that is the ARN of a target is the only one of all rules.')
  if (ofTarget.test(destination)) return destination
  if (bucket !== undefined && target !== undefined) return target
  if (/^arn:minio:(?!replication:)[^:]+:/.test(destination))
    throw new S3Error('XMinioAdminRemoteARNTypeInvalid', `"${destination}" is of no replication target.`)
  throw new S3Error(
    'XMinioAdminRemoteArnInvalid',
    `"${destination}" is not the ARN of a replication target. A bucket is made one first, by "aquifer replicate add".`,
  )
}

/** In the form in which it was given. */
export const writeDestinationArn = (arn: string, role: string | undefined): string =>
  role === arn ? `arn:aws:s3:::${bucketOf(arn)}` : arn

const bucketOf = (arn: string): string => arn.slice(arn.lastIndexOf(':') + 1)
