import type { StoredObject } from '@aquifer/engine'
import { limits } from '../limits.js'
import type { Operation, Reply } from '../operation.js'
import { readGetOptions } from '../wire/read-options.js'
import { writeReadReply } from '../wire/read-reply.js'
import { openObject } from './open-object.js'

export const getObject: Operation = async (call) => {
  const object = await openObject(call, readGetOptions(call))
  try {
    return { ...(await writeReadReply(call, object)), body: await bodyOf(object, call.borrowsChunks) }
  } catch (error) {
    await object.close()
    throw error
  }
}

/** A small body is read at once: one write to the socket and no stream. */
async function bodyOf(object: StoredObject, borrowsChunks: boolean): Promise<NonNullable<Reply['body']>> {
  const sizeBytes = object.range?.length ?? object.info.sizeBytes
  if (sizeBytes <= limits.bufferedBodyMaxBytes) return object.bytes()
  return borrowsChunks ? object.chunks() : object.body
}
