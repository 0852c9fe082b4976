import { type FileHandle, open } from 'node:fs/promises'

const STRETCH_BYTES = 1024 * 1024
const PAGE_BYTES = 4_096
const SECTOR_BYTES = 512

export interface UnsyncedFile {
  /** What the page cache held. */
  readonly live: string
  /** What was synced; no such file if nothing ever was. */
  readonly synced: string
  /** How short the file once was since its last sync. */
  readonly cutTo: number
}

/**
 * Writes a file that a power cut may have left: its size as synced or as last seen, each page as synced, as last
 * written, or torn between the two. `keeps` decides of each unsynced thing whether it got to the disk.
 */
export async function restoreFile(file: UnsyncedFile, target: string, keeps: () => boolean): Promise<void> {
  const handles: FileHandle[] = []
  try {
    const live = await open(file.live, 'r')
    handles.push(live)
    const synced = await openIfThere(file.synced)
    if (synced !== undefined) handles.push(synced)
    const after = await open(target, 'wx')
    handles.push(after)
    const liveBytes = (await live.stat()).size
    const syncedBytes = synced === undefined ? 0 : (await synced.stat()).size
    const isLiveSize = keeps()
    const sizeBytes = isLiveSize ? liveBytes : syncedBytes
    // A cut that is kept takes with it what lay behind; where it is lost, what was written behind it is nowhere.
    const syncedLimit = isLiveSize ? Math.min(syncedBytes, file.cutTo) : syncedBytes
    const liveLimit = isLiveSize ? liveBytes : Math.min(liveBytes, file.cutTo)
    for (let at = 0; at < sizeBytes; at += STRETCH_BYTES) {
      const length = Math.min(STRETCH_BYTES, sizeBytes - at)
      const bytes = await readStretch(synced, at, length, syncedLimit)
      const newer = await readStretch(live, at, length, liveBytes)
      if (!bytes.equals(newer)) mixPages(bytes, newer, isLiveSize ? length : liveLimit - at, keeps)
      await after.write(bytes, 0, length, at)
    }
    await after.truncate(sizeBytes)
  } finally {
    for (const handle of handles) await handle.close()
  }
}

function mixPages(bytes: Buffer, newer: Buffer, limit: number, keeps: () => boolean): void {
  for (
    let at = 0;
    at < bytes.byteLength && Math.min(at + PAGE_BYTES, bytes.byteLength) <= limit;
    at += PAGE_BYTES
  ) {
    const page = newer.subarray(at, at + PAGE_BYTES)
    if (bytes.subarray(at, at + PAGE_BYTES).equals(page)) continue
    const isKept = keeps()
    if (isKept) page.copy(bytes, at)
    const isTorn = !isKept && keeps()
    if (isTorn) tearPage(bytes.subarray(at, at + PAGE_BYTES), page, keeps)
  }
}

function tearPage(bytes: Buffer, newer: Buffer, keeps: () => boolean): void {
  for (let at = 0; at < bytes.byteLength; at += SECTOR_BYTES) {
    if (keeps()) newer.copy(bytes, at, at, at + SECTOR_BYTES)
  }
}

/** Zeros where the file has no bytes, and from the limit on. */
async function readStretch(
  file: FileHandle | undefined,
  at: number,
  length: number,
  limit: number,
): Promise<Buffer> {
  const bytes = Buffer.alloc(length)
  const wanted = Math.min(length, limit - at)
  for (let filled = 0; file !== undefined && filled < wanted; ) {
    const { bytesRead } = await file.read(bytes, filled, wanted - filled, at + filled)
    if (bytesRead === 0) break
    filled += bytesRead
  }
  return bytes
}

async function openIfThere(path: string): Promise<FileHandle | undefined> {
  try {
    return await open(path, 'r')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  }
}
