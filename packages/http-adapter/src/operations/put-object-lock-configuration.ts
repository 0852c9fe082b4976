import type { Operation } from '../operation.js'
import { readObjectLockDocument } from '../wire/object-lock.js'

export const putObjectLockConfiguration: Operation = async (call) => {
  const { engine, target, signal } = call
  const objectLock = await readObjectLockDocument(call)
  await engine.bucket(target.bucket).setConfiguration('objectLock', objectLock, { signal })
  return { status: 200 }
}
