import type { Operation } from '../operation.js'
import { readLegalHoldDocument } from '../wire/object-lock.js'
import { checkVersionId } from '../wire/version-id.js'

export const putObjectLegalHold: Operation = async (call) => {
  const { engine, target, query, signal } = call
  checkVersionId(query.get('versionId'))
  const on = await readLegalHoldDocument(call)
  await engine.bucket(target.bucket).setLegalHold(target.key, on, { signal })
  return { status: 200 }
}
