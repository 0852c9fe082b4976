import { readFully } from '../../../disk.js'
import { formatTooNew, storeDamaged } from '../../../errors.js'
import { arePayloadsGood, type FoundFrame, readFrames } from './frame-reader.js'
import { Journal, type JournalOptions } from './journal.js'
import { type Segment, segmentOf } from './segment.js'
import type { SegmentFiles } from './segment-files.js'
import { SEGMENT_FORMAT, SEGMENT_HEADER_BYTES, type SegmentHeader } from './segment-header.js'

/**
 * Told of each damage. Throws, unless whoever opens the store accepts the loss. `through` is the newest segment that
 * has to go, with all before it, for the damage not to be met again.
 */
export type OnDamage = (finding: string, through?: number) => void

/**
 * Finds the chain of live segments and the end of the newest, makes that end durable, and removes what is no
 * part of the chain.
 *
 * @param numbers Of the segments that are there, at least one.
 */
export async function recoverJournal(
  options: JournalOptions,
  numbers: readonly number[],
  onDamage: OnDamage,
): Promise<Journal> {
  const { files } = options
  const headers = await readHeaders(files, numbers, onDamage)
  const last = segmentOf(headers.get(Math.max(...headers.keys()))!)
  const tail = await findTail(files, last, onDamage)
  const chain = [...linkChain(headers, last, tail.lowestLive, onDamage), last]

  await settle(files, last, tail)
  await removeAllBut(chain, files, numbers, headers)
  const { storeId } = last.header
  const nextNumber = Math.max(...numbers) + 1
  const journal = new Journal(
    options,
    // Whatever is older than the chain is dead, also where a loss was accepted.
    { storeId, chain, nextNumber, ...tail, lowestLive: chain[0]!.number },
    await files.open(last.number, 'write'),
  )
  await files.tidySpares(journal.nextSegmentBytes)
  return journal
}

/** Headers of all segments that have a good one. Those that are dead may have none. */
async function readHeaders(
  files: SegmentFiles,
  numbers: readonly number[],
  onDamage: OnDamage,
): Promise<Map<number, SegmentHeader>> {
  const headers = new Map<number, SegmentHeader>()
  for (const number of numbers) {
    const header = await files.readHeader(number)
    if (header === undefined) continue
    if ('tooNew' in header) throw formatTooNew(files.directory, header.tooNew, SEGMENT_FORMAT)
    if (header.number === number) headers.set(number, header)
  }
  const newest = Math.max(0, ...headers.keys())
  for (const number of numbers)
    if (number > newest) onDamage(`segment ${number}, of the newest, has no good header`)
  for (const [number, { storeId }] of headers) {
    if (Buffer.compare(storeId, headers.get(newest)!.storeId) === 0) continue
    onDamage(`segment ${number} belongs to another store`)
    headers.delete(number)
  }
  if (headers.size === 0) throw storeDamaged(files.directory, 'no segment has a good header')
  return headers
}

interface Tail {
  offset: number
  sequence: number
  revision: number
  lowestLive: number
  /** Undefined where the segment has no frame yet. */
  lastFrameOffset: number | undefined
}

/** Reads the newest segment to its end: behind the last good frame may stand one that was never finished. */
async function findTail(files: SegmentFiles, last: Segment, onDamage: OnDamage): Promise<Tail> {
  const { lastSequence, lastRevision, lowestLive } = last.header
  let tail: Tail = {
    offset: SEGMENT_HEADER_BYTES,
    sequence: lastSequence,
    revision: lastRevision,
    lowestLive,
    lastFrameOffset: undefined,
  }
  let beforeLast = tail
  let isAfterDamage = false
  const file = await files.open(last.number, 'read')
  try {
    const range = { from: SEGMENT_HEADER_BYTES, end: undefined }
    for await (const found of readFrames(file, last, range)) {
      const place = `segment ${last.number}, offset ${found.offset}`
      if (found.type === 'damaged') {
        onDamage(`${place}: ${found.length} bytes that were synced hold no good frame`, last.number)
        isAfterDamage = true
        continue
      }
      const expected = tail.sequence + 1
      // Frames that are missing behind damage were told of with it.
      if (found.sequence < expected || (found.sequence > expected && !isAfterDamage))
        onDamage(`${place}: frame ${found.sequence} follows ${tail.sequence}`, last.number)
      isAfterDamage = false
      beforeLast = tail
      tail = tailAfter(found)
    }
    if (tail.lastFrameOffset === undefined) return tail
    // A frame with another behind it was synced; the very last may be torn in its payloads.
    for await (const found of readFrames(file, last, { from: tail.lastFrameOffset, end: tail.offset }))
      if (found.type === 'frame' && (await arePayloadsGood(file, last, found.records))) return tail
    return beforeLast
  } finally {
    await file.close()
  }
}

function tailAfter({ offset, sizeBytes, sequence, lastRevision, lowestLive }: FoundFrame): Tail {
  return { offset: offset + sizeBytes, sequence, revision: lastRevision, lowestLive, lastFrameOffset: offset }
}

/** The segments before the last, oldest first, each with the end that its follower sealed. */
function linkChain(
  headers: ReadonlyMap<number, SegmentHeader>,
  last: Segment,
  lowestLive: number,
  onDamage: OnDamage,
): Segment[] {
  const chain: Segment[] = []
  let follower = last.header
  while (follower.previousNumber >= Math.max(1, lowestLive)) {
    const { previousNumber, previousSealedBytes } = follower
    let header = headers.get(previousNumber)
    let sealedBytes = previousSealedBytes
    if (header === undefined) {
      onDamage(`segment ${previousNumber} is missing, or has no good header`, previousNumber)
      const older = [...headers.keys()].filter((number) => number < previousNumber && number >= lowestLive)
      header = headers.get(Math.max(...older))
      if (header === undefined) break
      sealedBytes = header.sizeBytes
    }
    chain.unshift(segmentOf(header, sealedBytes))
    follower = header
  }
  return chain
}

/**
 * Makes durable what was found. The last frame is written once more: had its sync failed, the system may hold
 * it as clean in memory and never write it.
 */
async function settle(files: SegmentFiles, last: Segment, { offset, lastFrameOffset }: Tail): Promise<void> {
  const file = await files.open(last.number, 'write')
  try {
    if (lastFrameOffset !== undefined) {
      const bytes = Buffer.alloc(offset - lastFrameOffset)
      const read = await readFully(file, bytes, lastFrameOffset)
      if (read < bytes.byteLength) throw new Error(`Segment ${last.number} has become shorter.`)
      await file.write(bytes, lastFrameOffset)
    }
    await file.sync()
  } finally {
    await file.close()
  }
  await files.disk.syncDirectory(files.directory)
}

async function removeAllBut(
  chain: readonly Segment[],
  files: SegmentFiles,
  numbers: readonly number[],
  headers: ReadonlyMap<number, SegmentHeader>,
): Promise<void> {
  const live = new Set(chain.map(({ number }) => number))
  for (const number of numbers) {
    if (live.has(number)) continue
    // Without a header and not dead: a loss was accepted, and its file may be of use to somebody.
    if (number > chain[0]!.number && !headers.has(number)) await files.quarantine(number)
    else await files.remove(number)
  }
}
