import type { DeleteConditions, WriteConditions } from '../contract/object.js'
import { noSuchKey } from '../errors.js'
import { matchesEtag } from './etag-match.js'
import { preconditionFailed, seconds } from './read-conditions.js'

/** The current object of a key, as far as conditions ask about it. */
export interface CurrentFacts {
  readonly etag: string
  readonly lastModifiedMs: number
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
    if (!matchesEtag(ifMatch, existing.etag)) throw preconditionFailed('ifMatch', existing)
  }
  if (ifNoneMatch !== undefined && existing !== undefined && matchesEtag(ifNoneMatch, existing.etag))
    throw preconditionFailed('ifNoneMatch', existing)
}

/**
 * Deletes ask as writes do: where `ifMatch` wants an object that is not there, S3 was measured to answer NoSuchKey, not
 * the silence of a plain delete. Its size and time are asked of what is there only; the time to the second, which is all
 * that HTTP tells of it. Sources: S3 User Guide, conditional deletes; S3 API Reference, DeleteObject.
 *
 * @throws {@link EngineError} as {@link checkWriteConditions}.
 */
export function checkDeleteConditions(
  conditions: DeleteConditions,
  current: (CurrentFacts & { readonly sizeBytes: number }) | undefined,
  target: { readonly bucket: string; readonly key: string },
): void {
  checkWriteConditions(conditions, current, target)
  const { ifLastModified, ifSizeBytes } = conditions
  if (current === undefined || current.isDeleteMarker) return
  if (ifLastModified !== undefined && seconds(ifLastModified.getTime()) !== seconds(current.lastModifiedMs))
    throw preconditionFailed('ifLastModified', current)
  if (ifSizeBytes !== undefined && ifSizeBytes !== current.sizeBytes)
    throw preconditionFailed('ifSizeBytes', current)
}
