import { lifecycleRoots, readLifecycle } from '../lifecycle/read-lifecycle.js'
import { readTransitionMinimum, transitionMinimumHeader } from '../lifecycle/transition-minimum.js'
import type { Operation } from '../operation.js'
import { requireDigest } from '../wire/required-digest.js'
import { refuseUnhonoured } from '../wire/unhonoured-headers.js'
import { readXmlBody } from '../wire/xml-body.js'

export const putBucketLifecycle: Operation = async (call) => {
  const { engine, target, headers, settings, signal } = call
  refuseUnhonoured(headers)
  requireDigest(call, 'Missing required header for this request: Content-MD5.', 'MissingContentMD5')
  const minimum = readTransitionMinimum(headers)
  const document = await readXmlBody(call, lifecycleRoots)
  const rules = readLifecycle(document, { abort: settings.pageLimits === 'lift' })
  const configuration = { rules, ...(minimum && { transitionMinimum: minimum }) }
  await engine.bucket(target.bucket).setConfiguration('lifecycle', configuration, { signal })
  return { status: 200, headers: transitionMinimumHeader(minimum) }
}
