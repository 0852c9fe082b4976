import type { BlobStretch } from '../blobs.js'
import type { BlobFileReader } from './blob-file-reader.js'
import { BLOCK_BYTES } from './blob-format.js'
import { LARGE_BYTES } from './buffer-budget.js'
import type { Pace } from './pace.js'
import type { ReadBuffers, Room } from './read-buffers.js'

/**
 * The bytes of a stretch, a megabyte at a time as long as there are large buffers; for a consumer who turns out to be
 * quick, the next ones are read while he works on the last. For one who turns out to be slow, block by block: so slow
 * ones, however many, hold little.
 */
export async function* readStretch(
  reader: BlobFileReader,
  { offset, length }: BlobStretch,
  buffers: ReadBuffers,
  pace: Pace,
  check: () => void,
): AsyncGenerator<Uint8Array, void, undefined> {
  const end = offset + length
  let ahead: Window | undefined
  let current: Window | undefined
  let position = offset
  try {
    while (position < end) {
      check()
      current = ahead ?? begin(reader, position, end, buffers, pace)
      ahead = undefined
      const bytes = await current.bytes
      check()
      if (current.end < end && pace.isQuick) ahead = begin(reader, current.end, end, buffers, pace)
      const from = position - current.start
      position = Math.min(end, current.end)
      yield bytes.subarray(from, position - current.start)
      current.release()
      pace.taken(current.end - current.start)
    }
  } finally {
    current?.release()
    await ahead?.bytes.catch(() => {}) // Read early and not wanted any more: its failure is nobody's.
    ahead?.release()
  }
}

interface Window {
  readonly start: number
  readonly end: number
  readonly bytes: Promise<Uint8Array>
  release(): void
}

function begin(
  reader: BlobFileReader,
  position: number,
  end: number,
  buffers: ReadBuffers,
  pace: Pace,
): Window {
  const start = position - (position % BLOCK_BYTES)
  const lastStop = Math.min(Math.ceil(end / BLOCK_BYTES) * BLOCK_BYTES, reader.layout.payloadBytes)
  if (reader.holds(start, lastStop)) return windowOf(reader, start, lastStop, undefined)
  const isLarge = lastStop - start > BLOCK_BYTES && !pace.isSlow
  const large = isLarge ? buffers.findLarge(pace.isQuick) : undefined
  const stop = large ? start - (start % LARGE_BYTES) + LARGE_BYTES : start + BLOCK_BYTES
  return windowOf(reader, start, Math.min(stop, lastStop), large ?? buffers.block())
}

function windowOf(reader: BlobFileReader, start: number, end: number, room: Room | undefined): Window {
  const bytes = reader.readBlocks(start, end, room?.buffer)
  bytes.catch(() => {}) // Whoever waits for it is told.
  return { start, end, bytes, release: () => room?.release() }
}
