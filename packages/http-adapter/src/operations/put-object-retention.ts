import type { Operation } from '../operation.js'
import { readBypass, readRetentionDocument } from '../wire/object-lock.js'
import { checkVersionId } from '../wire/version-id.js'

export const putObjectRetention: Operation = async (call) => {
  const { engine, target, query, signal } = call
  checkVersionId(query.get('versionId'))
  const retention = await readRetentionDocument(call)
  const bypassGovernance = await readBypass(call)
  await engine.bucket(target.bucket).setRetention(target.key, retention, { bypassGovernance, signal })
  return { status: 200 }
}
