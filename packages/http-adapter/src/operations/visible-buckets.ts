import type { BucketInfo } from '@aquifer/engine'
import { limits } from '../limits.js'
import type { Call } from '../operation.js'

/** The caller's own, and others that it may list. */
export async function visibleBuckets(
  call: Call,
  { limit, ...from }: { readonly prefix?: string; readonly startAfter?: string; readonly limit: number },
): Promise<{ readonly buckets: readonly BucketInfo[]; readonly next?: string }> {
  const { engine, signal } = call
  const buckets: BucketInfo[] = []
  let startAfter = from.startAfter
  for (;;) {
    const place = startAfter === undefined ? {} : { startAfter }
    const pageSize = Math.max(limit - buckets.length, limits.listBucketsScanned)
    const { entries, next } = await engine.listBuckets({ ...from, ...place, limit: pageSize, signal }).page()
    for (const entry of entries) {
      if (entry.type === 'common-prefix' || !(await isVisible(call, entry.info))) continue
      if (buckets.length === limit) return { buckets, next: buckets.at(-1)!.name }
      buckets.push(entry.info)
    }
    if (next === undefined) return { buckets }
    startAfter = next.startAfter
  }
}

function isVisible({ principal, rights, settings }: Call, { name, ownerId }: BucketInfo) {
  if ((ownerId ?? settings.owner.id) === principal.ownerId) return true
  return rights.may('s3:ListBucket', { bucket: name, key: '' })
}
