import type { Bucket, ListingPage, ListOptions, ObjectInfo } from '@aquifer/engine'
import type { ListParameters } from './list-parameters.js'

/** One page of a bucket's objects. None may be asked for: then the bucket must still be there. */
export async function listPage(
  bucket: Bucket,
  { prefix, delimiter, limit }: ListParameters,
  { startAfter, signal }: Pick<ListOptions, 'startAfter' | 'signal'>,
): Promise<ListingPage<ObjectInfo, 'object'>> {
  const cancel = signal === undefined ? {} : { signal }
  if (limit === 0) {
    await bucket.info(cancel)
    return { entries: [] }
  }
  return bucket
    .list({
      ...(prefix === '' ? {} : { prefix }),
      ...(delimiter === '' ? {} : { delimiter }),
      ...(startAfter ? { startAfter } : {}),
      limit,
      ...cancel,
    })
    .page()
}
