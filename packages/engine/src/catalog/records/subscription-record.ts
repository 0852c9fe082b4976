import type { EventFilter, WhenFull } from '../../contract/events.js'
import { readHead, writeHead } from './fields.js'
import { RowReader } from './row-reader.js'
import { RowWriter } from './row-writer.js'

/** Who asks for events under a name, and which. */
export interface SubscriptionRecord {
  readonly filter: EventFilter
  readonly bucket?: string
  readonly backlogMax: number
  readonly whenFull: WhenFull
}

const DROPS = 1
const OF_ONE_BUCKET = 2
const HAS_PREFIX = 4
const HAS_SUFFIX = 8
const KNOWN_FLAGS = 15

export function encodeSubscription({ filter, bucket, backlogMax, whenFull }: SubscriptionRecord): Uint8Array {
  const { names, prefix, suffix } = filter
  const row = new RowWriter(128)
  writeHead(
    row,
    (whenFull === 'drop' ? DROPS : 0) |
      (bucket === undefined ? 0 : OF_ONE_BUCKET) |
      (prefix === undefined ? 0 : HAS_PREFIX) |
      (suffix === undefined ? 0 : HAS_SUFFIX),
  )
  row.varint(backlogMax)
  if (bucket !== undefined) row.prefixedText(bucket)
  if (prefix !== undefined) row.prefixedText(prefix)
  if (suffix !== undefined) row.prefixedText(suffix)
  row.varint(names.length)
  for (const name of names) row.prefixedText(name)
  return row.finish()
}

export function decodeSubscription(value: Uint8Array): SubscriptionRecord {
  const row = new RowReader(value, 'a subscription')
  const flags = readHead(row, KNOWN_FLAGS)
  const backlogMax = row.varint()
  const bucket = (flags & OF_ONE_BUCKET) === 0 ? {} : { bucket: row.prefixedText() }
  const prefix = (flags & HAS_PREFIX) === 0 ? {} : { prefix: row.prefixedText() }
  const suffix = (flags & HAS_SUFFIX) === 0 ? {} : { suffix: row.prefixedText() }
  const names: string[] = []
  for (let left = row.varint(); left > 0; left--) names.push(row.prefixedText())
  if (!row.done) throw row.corrupt('something follows it')
  const whenFull = (flags & DROPS) === 0 ? 'block' : 'drop'
  return { filter: { names, ...prefix, ...suffix }, ...bucket, backlogMax, whenFull }
}
