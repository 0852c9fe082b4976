import { toldBucket } from '../events/told-bucket.js'
import type { Operation } from '../operation.js'
import { readGetOptions } from '../wire/read-options.js'
import { writeReadReply } from '../wire/read-reply.js'
import { openObject } from './open-object.js'

export const headObject: Operation = async (call) => {
  const options = readGetOptions(call)
  if (options.range === undefined && options.partNumber === undefined)
    return writeReadReply(call, {
      info: await toldBucket(call).head(call.target.key, options),
    })
  // Where the stretch lies is known to who opens the object; nothing of it is read.
  await using object = await openObject(call, options, 's3:ObjectAccessed:Head')
  return writeReadReply(call, object)
}
