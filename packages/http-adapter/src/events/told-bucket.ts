import type { Bucket, EventName } from '@aquifer/engine'
import type { Call } from '../operation.js'

/**
 * The request's bucket, in which what is done is told of as this request's.
 *
 * @param name What it is told as, where the engine's verb alone does not say.
 */
export const toldBucket = ({ engine, target, origin }: Call, name?: EventName): Bucket =>
  engine.bucket(target.bucket, {
    origin: name === undefined ? origin : () => ({ ...origin(), name }),
  })

/** A bucket in which something is looked up to answer another question: nobody is told that it was read. */
export const untoldBucket = ({ engine }: Pick<Call, 'engine'>, bucket: string): Bucket =>
  engine.bucket(bucket, { origin: false })
