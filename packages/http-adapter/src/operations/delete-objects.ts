import { type DeleteConditions, type Deleted, isEngineError, isVersionId } from '@aquifer/engine'
import { hideMissing } from '../authorization/hide-missing.js'
import { problemOf } from '../error-document.js'
import { toldBucket } from '../events/told-bucket.js'
import { limits } from '../limits.js'
import type { Call, Operation } from '../operation.js'
import { S3Error } from '../s3-error.js'
import { readTimeAndSize } from '../wire/conditions.js'
import { unquoted } from '../wire/etags.js'
import { readBypass } from '../wire/object-lock.js'
import { requireDigest } from '../wire/required-digest.js'
import { refuseUnhonoured } from '../wire/unhonoured-headers.js'
import { readXmlBody } from '../wire/xml-body.js'
import { malformedXml, type XmlElement } from '../wire/xml-in.js'
import { element, optional, text, xmlDocument } from '../wire/xml-out.js'

interface Target {
  readonly key: string
  readonly versionId?: string
  readonly conditions: DeleteConditions
  /** Whether governance may be gone past. */
  bypassGovernance?: boolean
  /** Found out without asking the engine. */
  refusal?: unknown
}

export const deleteObjects: Operation = async (call) => {
  const { signal } = call
  refuseUnhonoured(call.headers)
  requireDigest(call)
  const document = await readXmlBody(call, 'Delete', { maxBytes: limits.xmlListMaxBytes })
  const targets = document.all('Object').map((object) => readTarget(object, call))
  if (targets.length === 0 || targets.length > limits.deleteObjectsMax) throw malformedXml()
  const [first, ...others] = targets
  // What rights are decided by is found with the first, rather than a thousand times at a time.
  await checkAccess(call, first!)
  await Promise.all(others.map((one) => checkAccess(call, one)))
  const allowed = targets.filter((one) => one.refusal === undefined)
  const outcomes = await toldBucket(call).deleteMany(
    allowed.map(({ key, versionId, bypassGovernance = false, conditions }) => ({
      key,
      bypassGovernance,
      ...(versionId === undefined ? {} : { versionId }),
      ...conditions,
    })),
    { signal },
  )
  for (const outcome of outcomes)
    if (outcome.status === 'rejected') outcome.reason = await hideMissing(outcome.reason, call.rights)
  const outcomeOf = new Map(allowed.map((one, index) => [one, outcomes[index]!]))
  const isQuiet = document.textOf('Quiet')?.toLowerCase() === 'true'
  return {
    status: 200,
    body: xmlDocument('DeleteResult', ...targets.map((one) => entry(one, outcomeOf.get(one), isQuiet))),
  }
}

function readTarget(object: XmlElement, call: Call): Target {
  const key = object.find('Key')?.text
  if (key === undefined || key === '') throw malformedXml()
  const versionId = object.textOf('VersionId') || undefined // An empty one names none.
  const refusal = refusalOf(object, versionId, call)
  return {
    key,
    ...(versionId === undefined ? {} : { versionId }),
    conditions: refusal === undefined ? readConditions(object) : {},
    ...(refusal && { refusal }),
  }
}

function readConditions(object: XmlElement): DeleteConditions {
  const etag = object.textOf('ETag')
  return {
    ...(etag === undefined ? {} : { ifMatch: unquoted(etag) }),
    ...readTimeAndSize(object.textOf('LastModifiedTime'), object.textOf('Size')),
  }
}

/** Time and size are of directory buckets, which S3 Express mode alone has. */
function refusalOf(
  object: XmlElement,
  versionId: string | undefined,
  { settings }: Call,
): S3Error | undefined {
  if (versionId !== undefined && !isVersionId(versionId))
    return new S3Error('NoSuchVersion', 'The specified version does not exist.')
  if (
    settings.profile !== 'express' &&
    (object.find('LastModifiedTime') !== undefined || object.find('Size') !== undefined)
  )
    return new S3Error('NotImplemented', 'Only the condition ETag is implemented.')
  return undefined
}

async function checkAccess(call: Call, one: Target): Promise<void> {
  try {
    const { bucket } = call.target
    const { key, versionId } = one
    await call.rights.demand('s3:DeleteObject', {
      bucket,
      key,
      ...(versionId === undefined ? {} : { versionId }),
    })
    const { ifMatch } = one.conditions
    if (ifMatch !== undefined && ifMatch !== '*') await call.rights.demand('s3:GetObject', { bucket, key })
    if (versionId !== undefined) one.bypassGovernance = await readBypass(call, one)
  } catch (error) {
    one.refusal = error
  }
}

function entry(one: Target, outcome: PromiseSettledResult<Deleted> | undefined, isQuiet: boolean): string {
  const refusal = outcome?.status === 'rejected' ? outcome.reason : one.refusal
  if (refusal === undefined) {
    const marker = outcome?.status === 'fulfilled' ? outcome.value.deleteMarker : undefined
    return isQuiet
      ? ''
      : element(
          'Deleted',
          text('Key', one.key),
          optional('VersionId', one.versionId),
          marker === undefined ? '' : text('DeleteMarker', true),
          optional('DeleteMarkerVersionId', marker?.versionId),
        )
  }
  if (isEngineError(refusal, 'NoSuchBucket')) throw refusal
  const { code, message } = problemOf(refusal)
  return element(
    'Error',
    text('Key', one.key),
    optional('VersionId', one.versionId),
    text('Code', code),
    text('Message', message),
  )
}
