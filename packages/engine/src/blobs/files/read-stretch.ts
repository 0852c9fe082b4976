import type { BlobStretch } from '../blobs.js'
import type { BlobFileReader } from './blob-file-reader.js'
import { BLOCK_BYTES } from './blob-format.js'
import { type BufferBudget, LARGE_BYTES } from './buffer-budget.js'
import type { Pace } from './pace.js'

interface Buffers {
  readonly budget: BufferBudget
  /** Whether the consumer is done with a chunk when it asks for the next, so that its memory can be used again. */
  readonly areBorrowed: boolean
}

/**
 * The bytes of a stretch, the next ones being read while the consumer works on the last: block by block at first, a
 * megabyte at a time for a consumer who turns out to be quick, as long as there are large buffers. So slow ones,
 * however many, hold little.
 */
export async function* readStretch(
  reader: BlobFileReader,
  { offset, length }: BlobStretch,
  buffers: Buffers,
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
  { budget, areBorrowed }: Buffers,
  pace: Pace,
): Window {
  const start = position - (position % BLOCK_BYTES)
  const lastStop = Math.min(Math.ceil(end / BLOCK_BYTES) * BLOCK_BYTES, reader.layout.payloadBytes)
  const isFree = lastStop - start <= BLOCK_BYTES || reader.holds(start, lastStop)
  const large = !isFree && pace.isQuick && budget.takeLarge()
  const blockwise = large ? start - (start % LARGE_BYTES) + LARGE_BYTES : start + BLOCK_BYTES
  const stop = isFree ? lastStop : Math.min(blockwise, lastStop)
  const buffer = large && areBorrowed ? budget.idleLarge() : undefined
  const bytes = reader.readBlocks(start, stop, buffer)
  bytes.catch(() => {}) // Whoever waits for it is told.
  let held = large
  return {
    start,
    end: stop,
    bytes,
    release() {
      if (!held) return
      held = false
      if (buffer === undefined) budget.giveLarge()
      else budget.give(buffer)
    },
  }
}
