import { beginRemoval, finishRemoval, removeAtOnce } from '../../commit/bucket-removal.js'
import type { RemoveBucketOptions } from '../../contract/bucket.js'
import type { Caused } from '../../contract/events.js'
import { EngineError, isEngineError, storageUnavailable } from '../../errors.js'
import type { Works } from '../../works.js'

/**
 * In three steps: mark the bucket, so that no write can join it; see that it is empty; remove it, or take the mark
 * back. What a crash or a failing disk interrupts, reclaim finishes. Unfinished uploads do not keep a bucket
 * alive, unless that is asked: they are aborted behind it.
 */
export async function removeBucket(
  works: Works,
  name: string,
  { signal, force = false, ...options }: RemoveBucketOptions & Caused,
): Promise<void> {
  signal?.throwIfAborted()
  if (force) return removeAtOnce(works, name, options.origin)
  await beginRemoval(works, name)
  if (!(await finish(works, name, options)))
    throw new EngineError('BucketNotEmpty', `Bucket "${name}" still holds objects.`, { bucket: name })
}

async function finish(works: Works, name: string, options: RemoveBucketOptions & Caused): Promise<boolean> {
  try {
    return await finishRemoval(works, name, options)
  } catch (error) {
    if (!isEngineError(error, 'StorageUnavailable') && !isEngineError(error, 'StorageFull')) throw error
    throw storageUnavailable('unknown', `The removal of bucket "${name}" has begun; reclaim ends it.`, error)
  }
}
