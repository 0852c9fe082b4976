import { readHead, writeHead } from './fields.js'
import { RowReader } from './row-reader.js'
import { RowWriter } from './row-writer.js'

/** How far a version has come to one target. */
export interface TargetState {
  /** 16 bytes. */
  readonly targetId: Uint8Array
  readonly status: 'pending' | 'completed' | 'failed'
  /** The target has the bytes: what is changed of the version since is carried over without them. */
  readonly hasBytes: boolean
  /** What the target calls the version, where it does not keep ids. */
  readonly targetVersionId?: string
  /** What is noted of a transfer that has not ended. */
  readonly unfinished?: string
}

/**
 * What replication knows of a version, in a row of its own: the version's row, which may hold its bytes, is not written again
 * for it. Of a version that neither is to be carried over nor was changed since it came there is none.
 */
export interface ReplicationStateRecord {
  /** When each was last changed. It decides which change holds where two stores have changed the same. */
  readonly tagsMs?: number
  readonly retentionMs?: number
  readonly legalHoldMs?: number
  readonly targets: readonly TargetState[]
}

const TAGS = 1
const RETENTION = 2
const LEGAL_HOLD = 4
const KNOWN_FLAGS = 7

const HAS_BYTES = 4
const HAS_TARGET_VERSION = 8
const IS_UNFINISHED = 16
const statuses = ['pending', 'completed', 'failed'] as const

export function encodeReplicationState({
  tagsMs,
  retentionMs,
  legalHoldMs,
  targets,
}: ReplicationStateRecord): Uint8Array {
  const row = new RowWriter(64)
  writeHead(
    row,
    (tagsMs === undefined ? 0 : TAGS) |
      (retentionMs === undefined ? 0 : RETENTION) |
      (legalHoldMs === undefined ? 0 : LEGAL_HOLD),
  )
  for (const ms of [tagsMs, retentionMs, legalHoldMs]) if (ms !== undefined) row.u48(ms)
  for (const { targetId, status, hasBytes, targetVersionId, unfinished } of targets) {
    row.u8(
      statuses.indexOf(status) |
        (hasBytes ? HAS_BYTES : 0) |
        (targetVersionId === undefined ? 0 : HAS_TARGET_VERSION) |
        (unfinished === undefined ? 0 : IS_UNFINISHED),
    )
    row.id(targetId)
    if (targetVersionId !== undefined) row.prefixedText(targetVersionId)
    if (unfinished !== undefined) row.prefixedText(unfinished)
  }
  return row.finish()
}

export function decodeReplicationState(value: Uint8Array, label?: string): ReplicationStateRecord {
  const row = new RowReader(value, label)
  const flags = readHead(row, KNOWN_FLAGS)
  const times = {
    ...((flags & TAGS) !== 0 && { tagsMs: row.u48() }),
    ...((flags & RETENTION) !== 0 && { retentionMs: row.u48() }),
    ...((flags & LEGAL_HOLD) !== 0 && { legalHoldMs: row.u48() }),
  }
  const targets: TargetState[] = []
  while (!row.done) targets.push(readTarget(row))
  return { ...times, targets }
}

function readTarget(row: RowReader): TargetState {
  const bits = row.u8()
  const status = statuses[bits & 3]
  if (status === undefined || bits > 31) throw row.corrupt('a status in it is unknown')
  return {
    targetId: row.id(),
    status,
    hasBytes: (bits & HAS_BYTES) !== 0,
    ...((bits & HAS_TARGET_VERSION) !== 0 && { targetVersionId: row.prefixedText() }),
    ...((bits & IS_UNFINISHED) !== 0 && { unfinished: row.prefixedText() }),
  }
}
