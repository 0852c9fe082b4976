import type { ObjectSummary } from '@aquifer/engine'
import { ArchiveFile } from '../archive/archive-file.js'
import { splitArchivePath } from '../archive/archive-path.js'
import { pageOfKeys } from '../archive/page-of-keys.js'
import { notAnArchive, zipEntries } from '../archive/zip-directory.js'
import { toldBucket, untoldBucket } from '../events/told-bucket.js'
import { limits } from '../limits.js'
import type { Operation } from '../operation.js'
import { refuseUnhonoured } from '../wire/unhonoured-headers.js'
import { listObjectsV2 } from './list-objects-v2.js'
import { listV2, type ReadPage } from './list-v2.js'

/** A prefix that leads into an archive lists what is in it; any other lists objects. An extension of MinIO's. */
export const listObjectsInArchive: Operation = async (call) => {
  refuseUnhonoured(call.headers)
  const path = splitArchivePath(call.query.get('prefix') ?? '')
  if (path === undefined) return listObjectsV2(call)
  const { bucket } = call.target
  await call.rights.demand('s3:GetObject', { bucket, key: path.archive })
  return listV2(call, readPage(path.archive))
}

const readPage =
  (archive: string): ReadPage =>
  async (call, options) => {
    const { signal, target } = call
    const info = await toldBucket(call, 's3:ObjectAccessed:Head').head(archive, { signal })
    const file = new ArchiveFile(untoldBucket(call, target.bucket), info, signal)
    const sizes = new Map<string, number>()
    for await (const { name, sizeBytes } of zipEntries(file)) {
      const key = `${archive}/${name}`
      if (!key.startsWith(options.prefix)) continue
      sizes.set(key, sizeBytes)
      if (sizes.size > limits.zipListedMax)
        throw notAnArchive(`more than ${limits.zipListedMax} files are to be listed; give a longer prefix`)
    }
    const { etag, lastModified, ownerId } = info
    const about = {
      etag,
      lastModified,
      ...(ownerId === undefined ? {} : { ownerId }),
      checksumAlgorithms: [],
    }
    const { found, next } = pageOfKeys([...sizes.keys()], options)
    const entries = found.map((one) =>
      one.isPrefix
        ? { type: 'common-prefix' as const, prefix: one.name }
        : {
            type: 'object' as const,
            info: { key: one.name, sizeBytes: sizes.get(one.name)!, ...about } satisfies ObjectSummary,
          },
    )
    return { page: { entries, ...(next === undefined ? {} : { next: { startAfter: next } }) } }
  }
