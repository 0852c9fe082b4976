import { isPublicPolicy, parsePolicy } from '@aquifer/engine'
import type { Operation } from '../operation.js'
import { text, xmlDocument } from '../wire/xml-out.js'

/** A bucket without a policy is not public. AWS answers 404 for it, and tools ask unasked. */
export const getBucketPolicyStatus: Operation = async ({ engine, target, signal }) => {
  const { bucket } = target
  const policy = await engine.bucket(bucket).getConfiguration('policy', { signal })
  const isPublic = policy !== undefined && isPublicPolicy(parsePolicy(policy, 'bucket', { bucket }))
  return { status: 200, body: xmlDocument('PolicyStatus', text('IsPublic', isPublic)) }
}
