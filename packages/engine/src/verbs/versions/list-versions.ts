import { findObject, getBucket } from '../../catalog/find.js'
import { versionsOf } from '../../catalog/keys.js'
import { listing } from '../../catalog/listing.js'
import { toObjectInfo } from '../../catalog/object-info.js'
import { decodeObject } from '../../catalog/records/object-record.js'
import { VersionRows } from '../../catalog/version-rows.js'
import type { Listing, ListOptions } from '../../contract/listing.js'
import type { VersionInfo } from '../../contract/object.js'
import { parseVersionId, placeOf, versionIdOf } from '../../rules/version-id.js'
import type { Works } from '../../works.js'

/** Every version and delete marker, those of one key from the newest to the oldest. */
export function listVersions(
  works: Works,
  bucket: string,
  options: ListOptions,
): Listing<VersionInfo, 'version'> {
  return listing(works.kv, options, async () => {
    const record = await getBucket(works.kv, bucket)
    const versions = new VersionRows(works.kv, record.bucketId)
    return {
      type: 'version',
      family: versionsOf(record.bucketId),
      idBytes: 16,
      scan: (range) => versions.scan(range),
      read: (row, { key }) => {
        const version = decodeObject(row.value, `a version of "${bucket}/${key}"`)
        const info = toObjectInfo(key, version, record)
        return { ...info, versionId: versionIdOf(version), isLatest: versions.isLatest(row, key) }
      },
      parseId: async (id, key) => {
        const place = parseVersionId(id)
        if (place !== 'null') return place
        const { object } = await findObject(works.kv, { bucket, key })
        const summary = object?.record.summary
        if (object !== undefined && summary === undefined) return placeOf(object.record)
        return summary?.nullVersion ?? new Uint8Array(0)
      },
      formatId: (_place, { versionId }) => versionId,
    }
  })
}
