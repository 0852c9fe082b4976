import { open } from 'node:fs/promises'
import { performance } from 'node:perf_hooks'

const FILE_BYTES = 64 * 2 ** 20

/**
 * Appends of so many bytes to a file, each synced before the next: what the disk allows whoever makes his writes durable.
 * It is asked as the engine asks, through Node's thread pool.
 *
 * @returns appends a second
 */
export async function appendLimit(path, sizeBytes, seconds) {
  const file = await open(path, 'w')
  try {
    const bytes = Buffer.alloc(sizeBytes, 1)
    let count = 0
    const began = performance.now()
    while (performance.now() - began < seconds * 1_000) {
      await file.write(bytes, 0, sizeBytes, (count++ * sizeBytes) % FILE_BYTES)
      await file.datasync()
    }
    return count / ((performance.now() - began) / 1_000)
  } finally {
    await file.close()
  }
}
