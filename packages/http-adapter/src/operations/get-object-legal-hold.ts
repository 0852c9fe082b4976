import type { Operation } from '../operation.js'
import { legalHoldDocument } from '../wire/object-lock.js'
import { readLockedObject } from './read-locked-object.js'

export const getObjectLegalHold: Operation = async (call) => {
  const { legalHold } = await readLockedObject(call, 'legalHold')
  return { status: 200, body: legalHoldDocument(legalHold) }
}
