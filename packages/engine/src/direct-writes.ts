import { constants } from 'node:fs'
import { type FileHandle, open } from 'node:fs/promises'
import { ALIGNMENT_BYTES, isAligned } from './aligned-memory.js'

/** Below this a copy through the page cache costs less than a second descriptor. */
const DIRECT_MIN_BYTES = 512 * 1024

/**
 * The large aligned writes of one file, from the memory they lie in straight to the device: no copy into the page cache,
 * and no page of it taken, which costs most of the time that a large write takes where memory is fresh. They need a sync
 * like any other. Systems and file systems that know nothing of it get no such writes.
 */
export class DirectWrites {
  readonly #path: string
  #handle: Promise<FileHandle | undefined> | undefined

  constructor(path: string) {
    this.#path = path
  }

  /** Writes what of the bytes can go this way. Answers how many that were, from their beginning. */
  async write(bytes: Uint8Array, fileOffset: number): Promise<number> {
    if (bytes.byteLength < DIRECT_MIN_BYTES || fileOffset % ALIGNMENT_BYTES !== 0 || !isAligned(bytes))
      return 0
    this.#handle ??= openDirect(this.#path)
    const handle = await this.#handle
    const whole = bytes.byteLength - (bytes.byteLength % ALIGNMENT_BYTES)
    let written = 0
    while (handle !== undefined && written < whole) {
      try {
        written += (await handle.write(bytes, written, whole - written, fileOffset + written)).bytesWritten
      } catch (error) {
        // Not this device, or not from where a short write has left off: the rest goes the ordinary way.
        if ((error as NodeJS.ErrnoException).code === 'EINVAL') return written
        throw error
      }
    }
    return written
  }

  async close(): Promise<void> {
    await (await this.#handle)?.close()
  }
}

async function openDirect(path: string): Promise<FileHandle | undefined> {
  if (constants.O_DIRECT === undefined) return undefined
  try {
    return await open(path, constants.O_WRONLY | constants.O_DIRECT | constants.O_NOFOLLOW)
  } catch {
    return undefined // The ordinary descriptor does all, and tells of what is wrong with the file.
  }
}
