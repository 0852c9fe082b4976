import type { LocksMs } from '../../rules/replication/locks-ms.js'
import { readHead, writeHead } from './fields.js'
import { RowReader } from './row-reader.js'
import { RowWriter } from './row-writer.js'

/** A version that was removed for good, and which locks were known of then: only one that is newer brings it back. */
export interface RemovedVersionRecord extends LocksMs {
  readonly removedMs: number
}

const RETENTION = 1
const LEGAL_HOLD = 2
const KNOWN_FLAGS = 3

export function encodeRemovedVersion({
  removedMs,
  retentionMs,
  legalHoldMs,
}: RemovedVersionRecord): Uint8Array {
  const row = new RowWriter(24)
  writeHead(row, (retentionMs === undefined ? 0 : RETENTION) | (legalHoldMs === undefined ? 0 : LEGAL_HOLD))
  for (const ms of [removedMs, retentionMs, legalHoldMs]) if (ms !== undefined) row.u48(ms)
  return row.finish()
}

export function decodeRemovedVersion(value: Uint8Array, label = 'a removed version'): RemovedVersionRecord {
  const row = new RowReader(value, label)
  const flags = readHead(row, KNOWN_FLAGS)
  const removed: RemovedVersionRecord = {
    removedMs: row.u48(),
    ...((flags & RETENTION) !== 0 && { retentionMs: row.u48() }),
    ...((flags & LEGAL_HOLD) !== 0 && { legalHoldMs: row.u48() }),
  }
  if (!row.done) throw row.corrupt('it is longer than its content')
  return removed
}
