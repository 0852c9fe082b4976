import type { WriteConditions } from '../contract/object.js'
import { noSuchKey } from '../errors.js'
import { matchesEtag } from './etag-match.js'
import { preconditionFailed } from './read-conditions.js'

/** The current object of a key, as far as conditions ask about it. */
export interface CurrentFacts {
  readonly etag: string
  readonly isDeleteMarker: boolean
}

/**
 * A delete marker counts as nothing there. Where both conditions are given, both must hold.
 * Source: S3 User Guide, "Adding preconditions to S3 operations", conditional writes.
 *
 * @throws {@link EngineError} `PreconditionFailed`; `NoSuchKey` if `ifMatch` is given and nothing is there.
 */
export function checkWriteConditions(
  { ifMatch, ifNoneMatch }: WriteConditions,
  current: CurrentFacts | undefined,
  target: { readonly bucket: string; readonly key: string },
): void {
  const existing = current?.isDeleteMarker ? undefined : current
  if (ifMatch !== undefined) {
    if (existing === undefined) throw noSuchKey(target.bucket, target.key)
    if (!matchesEtag(ifMatch, existing.etag)) throw preconditionFailed('ifMatch')
  }
  if (ifNoneMatch !== undefined && existing !== undefined && matchesEtag(ifNoneMatch, existing.etag))
    throw preconditionFailed('ifNoneMatch')
}

/**
 * Deletes ask as writes do: where a condition wants an object that is not there, S3 was measured to answer
 * NoSuchKey, not the silence of a plain delete. Source: S3 User Guide, conditional deletes.
 */
export const checkDeleteConditions = checkWriteConditions
