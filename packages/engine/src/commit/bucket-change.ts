import type { Draft } from '../catalog/draft.js'
import { bucketKey } from '../catalog/keys.js'
import { type BucketRecord, decodeBucket } from '../catalog/records/bucket-record.js'
import { EngineError, noSuchBucket } from '../errors.js'
import type { Row } from '../kv/kv.js'
import type { Works } from '../works.js'
import { commit } from './commit.js'

/**
 * Decides about a bucket's own record and commits. Every change of what is in a bucket checks that record's row: none
 * that was decided before is carried out after.
 */
export function changeBucket<T>(
  works: Works,
  name: string,
  decide: (found: { readonly row: Row; readonly record: BucketRecord }, draft: Draft) => T,
  /** Reads what else the decision rests on, and may refuse. */
  readMore: (record: BucketRecord, draft: Draft) => Promise<void> = async () => {},
): Promise<T> {
  return commit(works, {
    turns: [name],
    read: async (draft) => {
      const row = await draft.get(bucketKey(name))
      if (row === undefined) throw noSuchBucket(name)
      const record = decodeBucket(row.value, `bucket "${name}"`)
      if (record.state === 'deleting')
        throw new EngineError('OperationAborted', `Bucket "${name}" is being removed.`, { bucket: name })
      await readMore(record, draft)
      return { row, record }
    },
    decide,
  })
}
