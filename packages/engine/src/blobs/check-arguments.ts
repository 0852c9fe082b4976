import type { BlobId, BlobStretch } from './blobs.js'

/** A wrong number here is a slip of the caller's, not a state of the store. */
export function checkBlobId(id: BlobId): void {
  if (!Number.isSafeInteger(id) || id <= 0) throw new RangeError(`${id} is no blob id.`)
}

export function checkStretch({ offset, length }: BlobStretch): void {
  const whole = Number.isSafeInteger(offset) && Number.isSafeInteger(length)
  if (!whole || offset < 0 || length < 0 || !Number.isSafeInteger(offset + length)) {
    throw new RangeError(`Offset ${offset} with length ${length} is no stretch of a blob.`)
  }
}
