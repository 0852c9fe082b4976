import type { Disk } from '../../../disk.js'

const STEP_BYTES = 1024 * 1024
const SYNC_EVERY_BYTES = 8 * STEP_BYTES

/**
 * Makes a file of zeros that were really written, so that later writes into it need no space and their syncs no
 * change of the file's size. Removed again where it does not succeed.
 */
export async function preallocate(disk: Disk, path: string, sizeBytes: number): Promise<void> {
  const file = await disk.open(path, 'create')
  try {
    const zeros = Buffer.alloc(Math.min(STEP_BYTES, sizeBytes))
    for (let offset = 0; offset < sizeBytes; offset += zeros.byteLength) {
      await file.write(zeros.subarray(0, Math.min(zeros.byteLength, sizeBytes - offset)), offset)
      // By and by, so that the journal's own syncs never wait behind the whole file.
      if (offset % SYNC_EVERY_BYTES === SYNC_EVERY_BYTES - STEP_BYTES) await file.sync()
    }
    await file.sync()
    await file.close()
  } catch (error) {
    await file.close().catch(() => undefined) // The first error is the one to tell.
    await disk.unlink(path).catch(() => undefined) // A leftover is removed at the next open.
    throw error
  }
}
