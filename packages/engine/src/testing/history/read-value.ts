import { createHash } from 'node:crypto'
import type { Bucket } from '../../contract/bucket.js'
import { isEngineError } from '../../errors.js'
import type { History } from './history.js'
import type { Value } from './register.js'

/** What a reader gets: the ETag, if the bytes are the ones it stands for; undefined where nothing is there. */
export async function readValue(bucket: Bucket, key: string, history: History): Promise<Value> {
  const md5 = createHash('md5')
  let sizeBytes = 0
  try {
    await using object = await bucket.get(key)
    for await (const chunk of object.body as AsyncIterable<Uint8Array>) {
      md5.update(chunk)
      sizeBytes += chunk.byteLength
    }
    const { etag } = object.info
    if (sizeBytes !== object.info.sizeBytes)
      return `${etag} with ${sizeBytes} bytes of ${object.info.sizeBytes}`
    const calculated = md5.digest('hex')
    const expected = history.md5Of(etag) ?? (etag.includes('-') ? calculated : etag)
    return calculated === expected ? etag : `${etag} with other bytes`
  } catch (error) {
    if (isEngineError(error, 'NoSuchKey') || isEngineError(error, 'NoSuchBucket')) return undefined
    throw error
  }
}
