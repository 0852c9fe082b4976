import { getBucket } from '../../catalog/find.js'
import { documentKey } from '../../catalog/keys.js'
import { decodeDocument, encodeDocument } from '../../catalog/records/document.js'
import { changeBucket } from '../../commit/bucket-change.js'
import { EngineError } from '../../errors.js'
import { limits } from '../../limits.js'
import type { Kind } from './kind.js'

/**
 * A configuration that no write asks for: a row of its own. The bucket's row is checked, so that the document belongs
 * to a bucket that is there, and left as it is: no write has to decide again.
 *
 * @param check Refuses what may not be set; what is empty is as if it were taken back.
 */
export function documentKind<T extends object | string>(
  name: string,
  check: (value: T, bucket: string) => void,
): Kind<T> {
  return {
    async get({ kv }, bucket) {
      for (let attempt = 1; attempt <= limits.commitAttempts; attempt++) {
        const { bucketId } = await getBucket(kv, bucket)
        const row = await kv.get(documentKey(bucketId, name))
        if (row === undefined) return undefined
        const payload = await kv.readPayload(row.key, row.revision)
        if (payload !== 'changed') return decodeDocument(row.value, payload, `${name} of "${bucket}"`) as T
      }
      throw new EngineError('OperationAborted', `Others kept changing bucket "${bucket}". Try again.`, {
        bucket,
      })
    },
    set(works, bucket, value) {
      if (value !== undefined) check(value, bucket)
      return changeBucket(works, bucket, ({ record }, draft) => {
        const key = documentKey(record.bucketId, name)
        if (value === undefined || Object.keys(value).length === 0) {
          draft.delete(key)
          return
        }
        const document = encodeDocument(value)
        draft.put(key, document.value, document.payload)
      })
    },
  }
}
