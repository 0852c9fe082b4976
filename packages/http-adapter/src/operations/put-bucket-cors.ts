import { readCorsDocument } from '../cors/cors-document.js'
import type { Operation } from '../operation.js'

export const putBucketCors: Operation = async (call) => {
  const { engine, target, signal } = call
  const rules = await readCorsDocument(call)
  await engine.bucket(target.bucket).setConfiguration('cors', rules, { signal })
  return { status: 200 }
}
