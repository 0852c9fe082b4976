import { toldBucket } from '../events/told-bucket.js'
import type { Operation } from '../operation.js'
import { readLegalHoldDocument } from '../wire/object-lock.js'
import { readVersionId, writeVersionId } from '../wire/version-id.js'

export const putObjectLegalHold: Operation = async (call) => {
  const { target, query, signal } = call
  const version = readVersionId(query.get('versionId'))
  const on = await readLegalHoldDocument(call)
  const { versionId } = await toldBucket(call).setLegalHold(target.key, on, { ...version, signal })
  return { status: 200, headers: writeVersionId(versionId) }
}
