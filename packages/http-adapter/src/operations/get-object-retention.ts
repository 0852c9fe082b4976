import type { Operation } from '../operation.js'
import { retentionDocument } from '../wire/object-lock.js'
import { readLockedObject } from './read-locked-object.js'

export const getObjectRetention: Operation = async (call) => {
  const { retention } = await readLockedObject(call, 'retention')
  return { status: 200, body: retentionDocument(retention) }
}
