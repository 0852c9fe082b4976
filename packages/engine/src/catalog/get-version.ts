import { deleteMarkerSource, deleteMarkerVersion, noSuchKey, noSuchVersion } from '../errors.js'
import { versionIdOf } from '../rules/version-id.js'
import { type FoundObject, findVersion, type Lookup, type VersionTarget } from './find.js'

/**
 * The version that is meant, if it holds an object.
 *
 * @throws {@link EngineError} `NoSuchKey`, also where the current version is a delete marker; `NoSuchVersion`;
 * `MethodNotAllowed` where the id names a delete marker.
 */
export async function getObjectRecord(lookup: Lookup, target: VersionTarget): Promise<FoundObject> {
  const version = await getVersion(lookup, target)
  if (version.record.isDeleteMarker)
    throw deleteMarkerVersion(target, versionIdOf(version.record), new Date(version.record.lastModifiedMs))
  return version
}

/** The same for what is copied. @throws {@link EngineError} `InvalidRequest` where the id names a delete marker. */
export async function getSourceRecord(lookup: Lookup, target: VersionTarget): Promise<FoundObject> {
  const version = await getVersion(lookup, target)
  if (version.record.isDeleteMarker) throw deleteMarkerSource()
  return version
}

/** The id that callers are told: none where versioning was never set. */
export const shownVersionId = ({ bucket, record }: FoundObject): string | undefined =>
  bucket.versioning === undefined ? undefined : versionIdOf(record)

/** Which version a copy was made of. */
export function sourceVersionOf(found: FoundObject): { sourceVersionId?: string } {
  const sourceVersionId = shownVersionId(found)
  return sourceVersionId === undefined ? {} : { sourceVersionId }
}

async function getVersion(lookup: Lookup, target: VersionTarget): Promise<FoundObject> {
  const { bucket, key, versionId } = target
  const { version } = await findVersion(lookup, target)
  if (version === undefined)
    throw versionId === undefined ? noSuchKey(bucket, key) : noSuchVersion(bucket, key, versionId)
  if (version.record.isDeleteMarker && versionId === undefined)
    throw noSuchKey(bucket, key, versionIdOf(version.record))
  return version
}
