import type { Body } from '../catalog/records/body.js'
import type { Works } from '../works.js'
import type { ExtentList } from './extent-list.js'
import { extentsFrom } from './extents.js'
import type { Stretch } from './stored-bytes.js'

/**
 * A body of another's bytes, where they lie: each extent with the body that owns them, so that none is read through
 * another. The caller holds a pin on the source.
 */
export async function borrowExtents(
  works: Works,
  list: ExtentList,
  source: Exclude<Body, { kind: 'inline' }>,
  stretch: Stretch,
): Promise<Exclude<Body, { kind: 'inline' }>> {
  const end = stretch.offset + stretch.length
  for await (const { extent, at } of extentsFrom(works, source, stretch.offset)) {
    if (at >= end) break
    const skip = Math.max(0, stretch.offset - at)
    const length = Math.min(extent.length - skip, end - at - skip)
    if (length <= 0) continue
    await list.add({
      blobId: extent.blobId,
      offset: extent.offset + skip,
      length,
      owner: extent.owner ?? source.bodyId,
    })
  }
  return list.finish()
}
