import type { FanOutTarget, ObjectInfo } from '@aquifer/engine'
import { problemOf } from '../error-document.js'
import { toldBucket } from '../events/told-bucket.js'
import { type FanOutEntry, headersOfEntry } from '../forms/fan-out-list.js'
import { openFile } from '../forms/file-payload.js'
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
  const { target, posted, signal } = call
  const entries = posted?.fanOut
  // Only its header says that it is one.
  if (entries === undefined) {
    await call.rights.demand('s3:PutObject', target)
    return postObject(call)
  }
  checkListAllowed(call)
  refuseUnhonouredByWrite(call)
  readOptions(call, { hasBody: true }) // What cannot be read of the form is wrong for every entry.
  const targets = entries.map((entry) => readTarget(call, entry))
  for (const [at, target] of targets.entries()) await authorizeTarget(call, entries[at]!.key, target)
  const readable = targets.filter((target) => target.status === 'fulfilled').map(({ value }) => value.options)
  const { body, integrity } = openFile(call)
  const written =
    readable.length === 0 ? [] : await toldBucket(call).fanOut(body, readable, { ...integrity, signal })
  const lines = targets.map((target, at) => {
    const result = target.status === 'rejected' ? target : written.shift()!
    return `${JSON.stringify(lineOf(entries[at]!.key, result))}\n`
  })
  return {
    status: 200,
    headers: { 'content-type': 'application/x-ndjson' },
    body: Buffer.from(lines.join('')),
  }
}

/**
 * The list is no part of what was signed. It is taken from no form of root's, which could do everything, unless the server
 * was told so.
 *
 * @throws {@link S3Error} `AccessDenied`
 */
function checkListAllowed({ principal, settings }: Call): void {
  if (principal.ownerId === settings.owner.id && !settings.fanOut.byOwner)
    throw new S3Error(
      'AccessDenied',
      'A form signed by the root key cannot carry a fan-out list, unless the server is told so (--root-fan-out).',
    )
}

interface Target {
  readonly options: FanOutTarget
  readonly headers: Call['headers']
}

/** As a PUT of the entry's object would be read. What cannot be read of one entry stops no other. */
function readTarget(call: Call, entry: FanOutEntry): PromiseSettledResult<Target> {
  try {
    const headers = headersOfEntry(entry, call.headers)
    const options = { key: entry.key, ...readOptions({ ...call, headers }) }
    return { status: 'fulfilled', value: { options, headers } }
  } catch (reason) {
    if (!(reason instanceof S3Error)) throw reason
    return { status: 'rejected', reason }
  }
}

const readOptions = (call: Call, body?: { hasBody: boolean }): Omit<FanOutTarget, 'key'> => ({
  ...readAttributes(call.headers, call.principal.ownerId),
  ...readLockHeaders(call, body),
  ...readWriteConditions(call.headers),
})

/** The rights that a PUT of this object would need, and the one to fan out. */
async function authorizeTarget(
  { target: { bucket }, rights }: Call,
  key: string,
  target: PromiseSettledResult<Target>,
): Promise<void> {
  const resource = { bucket, key }
  if (target.status === 'rejected') return rights.demand('s3:PutObjectFanOut', resource)
  const { options, headers } = target.value
  await rights.demand('s3:PutObjectFanOut', resource, { headers })
  if (options.tags !== undefined) await rights.demand('s3:PutObjectTagging', resource, { headers })
  if (options.retention !== undefined) await rights.demand('s3:PutObjectRetention', resource, { headers })
  if (options.legalHold !== undefined) await rights.demand('s3:PutObjectLegalHold', resource, { headers })
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
