import { beginRemoval, finishRemoval, removeAtOnce } from '../../commit/bucket-removal.js'
import type { RemoveBucketOptions } from '../../contract/bucket.js'
import type { Caused } from '../../contract/events.js'
import { EngineError, isEngineError, storageUnavailable } from '../../errors.js'
import type { Works } from '../../works.js'

/**
 * In three steps: mark the bucket, so that no write can join it; see that it is empty; remove it, or take the mark
 * back. What a crash or a failing disk interrupts, reclaim finishes. Unfinished uploads do not keep a bucket
 * alive: they are aborted behind it.
 */
export async function removeBucket(
  works: Works,
  name: string,
  { signal, origin, force = false }: RemoveBucketOptions & Caused,
): Promise<void> {
  signal?.throwIfAborted()
  if (force) return removeAtOnce(works, name, origin)
  await beginRemoval(works, name)
  if (!(await finish(works, name, origin)))
    throw new EngineError('BucketNotEmpty', `Bucket "${name}" still holds objects.`, { bucket: name })
}

async function finish(works: Works, name: string, origin: Caused['origin']): Promise<boolean> {
  try {
    return await finishRemoval(works, name, origin)
  } catch (error) {
    if (!isEngineError(error, 'StorageUnavailable') && !isEngineError(error, 'StorageFull')) throw error
    throw storageUnavailable('unknown', `The removal of bucket "${name}" has begun; reclaim ends it.`, error)
  }
}
