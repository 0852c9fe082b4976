import type { Operation } from '../operation.js'
import { readLegalHoldDocument } from '../wire/object-lock.js'
import { readVersionId, writeVersionId } from '../wire/version-id.js'

export const putObjectLegalHold: Operation = async (call) => {
  const { engine, target, query, signal } = call
  const version = readVersionId(query.get('versionId'))
  const on = await readLegalHoldDocument(call)
  const { versionId } = await engine
    .bucket(target.bucket)
    .setLegalHold(target.key, on, { ...version, signal })
  return { status: 200, headers: writeVersionId(versionId) }
}
