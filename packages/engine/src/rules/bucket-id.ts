import { Buffer } from 'node:buffer'
import { createHash } from 'node:crypto'

/**
 * What all keys of a bucket's rows begin with, as new as the id it is made of. It is ASCII, so that the key of an
 * object's row is text from end to end: a store reads text several times faster than bytes.
 */
export function bucketIdFrom(id: Uint8Array): Uint8Array {
  const digest = createHash('sha256').update(id).digest()
  return Buffer.from(digest.toString('base64url', 0, 12), 'latin1')
}

/**
 * What a bucket is called before strangers: nobody can tell the id from it, and a copy of the store, opened beside it, calls its own
 * otherwise, so that one may be replicated to the other.
 *
 * @param opening Random bytes, of this opening of the store.
 */
export const bucketInstanceId = (bucketId: Uint8Array, opening: Uint8Array): string =>
  createHash('sha256').update(opening).update(bucketId).digest('hex').slice(0, 32)
