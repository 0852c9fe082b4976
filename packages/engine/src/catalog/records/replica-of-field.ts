import type { StoredReplica } from '../../rules/replication/replica-of.js'
import { readEtag, writeEtag } from './etag.js'
import type { RowReader } from './row-reader.js'
import type { RowWriter } from './row-writer.js'

const ETAG = 1
const TAGS = 2
const RETENTION = 4
const LEGAL_HOLD = 8
const BYPASSES_GOVERNANCE = 16
const KNOWN_BITS = 31

export function writeReplicaOf(row: RowWriter, replica: StoredReplica): void {
  const { place, lastModifiedMs, etag, tagsMs, retentionMs, legalHoldMs, bypassGovernance } = replica
  row.u8(
    (etag === undefined ? 0 : ETAG) |
      (tagsMs === undefined ? 0 : TAGS) |
      (retentionMs === undefined ? 0 : RETENTION) |
      (legalHoldMs === undefined ? 0 : LEGAL_HOLD) |
      (bypassGovernance === true ? BYPASSES_GOVERNANCE : 0),
  )
  row.id(place)
  for (const ms of [lastModifiedMs, tagsMs, retentionMs, legalHoldMs]) if (ms !== undefined) row.u48(ms)
  if (etag !== undefined) writeEtag(row, etag)
}

export function readReplicaOf(content: RowReader): StoredReplica {
  const bits = content.u8()
  if (bits > KNOWN_BITS) throw content.corrupt('what is said of the version it came from is unknown')
  return {
    place: content.id(),
    lastModifiedMs: content.u48(),
    ...((bits & TAGS) !== 0 && { tagsMs: content.u48() }),
    ...((bits & RETENTION) !== 0 && { retentionMs: content.u48() }),
    ...((bits & LEGAL_HOLD) !== 0 && { legalHoldMs: content.u48() }),
    ...((bits & ETAG) !== 0 && { etag: readEtag(content) }),
    ...((bits & BYPASSES_GOVERNANCE) !== 0 && { bypassGovernance: true }),
  }
}
