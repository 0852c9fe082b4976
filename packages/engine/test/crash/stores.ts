import { join } from 'node:path'
import { type Disk, FileBlobStore, type KvStore, LevelKvStore, nodeDisk } from '@aquifer/engine/stores'

/** Segments so small that compaction is always at work. */
const SEGMENT_BYTES = 1024 * 1024

/** The stores that `Engine.open` would make in this directory. */
export async function openStores(
  directory: string,
  { segmentBytes = SEGMENT_BYTES, disk = nodeDisk }: { segmentBytes?: number; disk?: Disk } = {},
): Promise<{ kv: KvStore; blobs: FileBlobStore }> {
  const kv = await LevelKvStore.open({ directory, segmentBytes, disk })
  try {
    return { kv, blobs: await FileBlobStore.open({ directory: join(directory, 'blobs') }) }
  } catch (error) {
    await kv.close()
    throw error
  }
}
