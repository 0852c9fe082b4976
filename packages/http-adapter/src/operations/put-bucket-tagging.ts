import type { Operation } from '../operation.js'
import { readTaggingDocument } from '../wire/tagging.js'

export const putBucketTagging: Operation = async (call) => {
  const { engine, target, signal } = call
  const tags = await readTaggingDocument(call)
  await engine.bucket(target.bucket).setConfiguration('tagging', tags, { signal })
  return { status: 204 }
}
