import type { FanOutTarget, ObjectInfo } from '@aquifer/engine'
import { problemOf } from '../error-document.js'
import type { FanOutEntry } from '../forms/fan-out-list.js'
import { openFile } from '../forms/posted-form.js'
import type { Call, Operation } from '../operation.js'
import { S3Error } from '../s3-error.js'
import { readAttributes } from '../wire/attributes.js'
import { readWriteConditions } from '../wire/conditions.js'
import { readLockHeaders } from '../wire/object-lock.js'
import { refuseUnhonouredByWrite } from '../wire/unhonoured-headers.js'
import { postObject } from './post-object.js'

/**
 * The file of a form as many objects, each as its entry of the list says: MinIO AIStor's S3 Fan-Out Extension. What the
 * form itself says of its object holds for every entry that does not say it for itself. The answer has a line of JSON for
 * each entry, in their order; that one could not be written stops no other.
 */
export const putObjectFanOut: Operation = async (call) => {
  const { engine, target, headers, principal, posted, signal } = call
  const entries = posted?.fanOut
  // Only its header says that it is one.
  if (entries === undefined) {
    await call.rights.demand('s3:PutObject', target)
    return postObject(call)
  }
  refuseUnhonouredByWrite(call)
  checkListAllowed(call)
  const common = {
    ...readAttributes(headers, principal.ownerId),
    ...readLockHeaders(call, { hasBody: true }),
    ...readWriteConditions(headers),
  }
  const targets = entries.map((entry) => targetOf(entry, common))
  for (const each of targets) await authorizeTarget(call, each)
  const { body, integrity } = openFile(call)
  const results = await engine.bucket(target.bucket).fanOut(body, targets, { ...integrity, signal })
  const lines = results.map((result, at) => `${JSON.stringify(lineOf(targets[at]!.key, result))}\n`)
  return {
    status: 200,
    headers: { 'content-type': 'application/x-ndjson' },
    body: Buffer.from(lines.join('')),
  }
}

/**
 * The list is no part of what was signed: whoever has the form may have written it. It is taken only where the form is
 * good for one key, which says that it was not made for people to upload what they like, and from no form of root's,
 * which could do everything, unless the server was told so.
 *
 * @throws {@link S3Error} `AccessDenied`
 */
function checkListAllowed({ principal, posted, settings }: Call): void {
  if (principal.anonymous) throw new S3Error('AccessDenied', 'A fan-out is signed by somebody.')
  if (posted?.isKeyPinned !== true)
    throw new S3Error(
      'AccessDenied',
      "A form with a fan-out list has a policy whose condition on 'key' is eq.",
    )
  if (principal.ownerId === settings.owner.id && !settings.fanOut.byOwner)
    throw new S3Error(
      'AccessDenied',
      'A form signed by the root key cannot carry a fan-out list, unless the server is told so (--root-fan-out).',
    )
}

function targetOf(
  { key, headers, metadata, tags, retention }: FanOutEntry,
  common: Omit<FanOutTarget, 'key'>,
) {
  return {
    ...common,
    ...headers,
    key,
    metadata: { ...common.metadata, ...metadata },
    ...(tags && { tags }),
    ...(retention && { retention }),
  } satisfies FanOutTarget
}

/** The rights that a PUT of this object would need, and the one to fan out. */
async function authorizeTarget({ target: { bucket }, rights }: Call, target: FanOutTarget): Promise<void> {
  const resource = { bucket, key: target.key }
  await rights.demand('s3:PutObjectFanOut', resource)
  if (target.tags !== undefined) await rights.demand('s3:PutObjectTagging', resource)
  if (target.retention !== undefined) await rights.demand('s3:PutObjectRetention', resource)
  if (target.legalHold !== undefined) await rights.demand('s3:PutObjectLegalHold', resource)
}

function lineOf(key: string, result: PromiseSettledResult<ObjectInfo>): Record<string, string> {
  if (result.status === 'rejected') {
    const { code, message } = problemOf(result.reason)
    return { key, error: `${code}: ${message}` }
  }
  const { etag, versionId, lastModified } = result.value
  return {
    key,
    etag,
    ...(versionId === undefined ? {} : { versionId }),
    lastModified: lastModified.toISOString(),
  }
}
