import type { Engine } from '../../engine.js'
import { isEngineError } from '../../errors.js'

/** A version of which a caller was told that a retention of compliance keeps it. */
export interface RetainedVersion {
  readonly bucket: string
  readonly key: string
  readonly versionId: string
  readonly retainUntil: Date
}

/** Until it has ended nothing takes the version away, and its retention only ever gets longer. */
export async function* shortenedRetention(
  engine: Engine,
  retained: readonly RetainedVersion[],
): AsyncGenerator<string, void, undefined> {
  for (const { bucket, key, versionId, retainUntil } of retained) {
    if (engine.lockTime().now > retainUntil) continue
    const name = `version ${versionId} of "${key}", kept until ${retainUntil.toISOString()},`
    try {
      const { retention } = await engine.bucket(bucket).head(key, { versionId })
      if (retention?.mode !== 'compliance') yield `${name} is not under compliance`
      else if (retention.retainUntil < retainUntil)
        yield `${name} is kept until ${retention.retainUntil.toISOString()} only`
    } catch (error) {
      if (!isEngineError(error, 'NoSuchVersion') && !isEngineError(error, 'NoSuchBucket')) throw error
      yield `${name} is gone`
    }
  }
}
