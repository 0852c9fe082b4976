import type { Operation } from '../operation.js'
import { escapeXml, xmlDocument } from '../wire/xml-out.js'

export const getBucketLocation: Operation = async ({ engine, target, settings, signal }) => {
  await engine.bucket(target.bucket).info({ signal })
  // S3's first region has no name here.
  const name = settings.region === 'us-east-1' ? '' : settings.region
  return {
    status: 200,
    headers: { 'x-amz-bucket-region': settings.region },
    body: xmlDocument('LocationConstraint', escapeXml(name)),
  }
}
