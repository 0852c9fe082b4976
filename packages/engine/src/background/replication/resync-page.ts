import { Buffer } from 'node:buffer'
import type { Draft } from '../../catalog/draft.js'
import { foundObject } from '../../catalog/find.js'
import {
  afterAllUnder,
  deletedOf,
  justAfter,
  objectNameOf,
  objectsOf,
  type RowKey,
  replicationStateKey,
  versionNameOf,
  versionsOf,
  versionsOfKey,
} from '../../catalog/keys.js'
import type { BucketRecord } from '../../catalog/records/bucket-record.js'
import type { ObjectRecord } from '../../catalog/records/object-record.js'
import {
  decodeReplicationState,
  encodeReplicationState,
  type ReplicationStateRecord,
} from '../../catalog/records/replication-state-record.js'
import {
  decodeResync,
  encodeResync,
  type ResyncedFamily,
  type ResyncRecord,
  resyncedFamilies,
} from '../../catalog/records/resync-record.js'
import { findSource } from '../../catalog/replication-targets.js'
import { commit } from '../../commit/commit.js'
import type { Row } from '../../kv/kv.js'
import { putInLine } from '../../outbox/put-in-line.js'
import { chooseRules, type RuledTarget } from '../../rules/replication/choose-rules.js'
import { placeOf, type VersionPlace } from '../../rules/version-id.js'
import type { Works } from '../../works.js'

const familyOf: Record<ResyncedFamily, (bucketId: Uint8Array) => RowKey> = {
  objects: objectsOf,
  deleted: deletedOf,
  versions: versionsOf,
}

/** A page as it is found, with all that its commit rests on. */
interface Page {
  readonly row: Row
  readonly record: ResyncRecord
  readonly family: ResyncedFamily
  readonly bucket: BucketRecord
  readonly ruled: RuledTarget
  readonly versions: readonly PageVersion[]
  /** Of keys among them, where it matters what comes last to the target. */
  readonly newest: readonly PageVersion[]
  readonly last: RowKey | undefined
  readonly more: boolean
}

interface PageVersion {
  readonly key: string
  readonly place: VersionPlace
  readonly version: ObjectRecord
  readonly state: ReplicationStateRecord | undefined
}

/** What a resync is about, by the row that tells of it. */
export interface Resynced {
  readonly key: RowKey
  readonly targetId: Uint8Array
  /** What a target knows of is passed over, and so is what came from elsewhere. */
  readonly isExisting: boolean
}

/**
 * Puts one page of what a bucket holds in line, and writes down how far that has come, in one commit which rests on each of the
 * versions. `'over'`: there is no more, or nothing that asks for it.
 */
export function resyncPage(works: Works, resynced: Resynced, limit: number): Promise<'more' | 'over'> {
  return commit(works, {
    turns: [],
    read: (draft) => readPage(works, draft, resynced, limit),
    decide: (page, draft) => {
      if (page === undefined) return 'over'
      const nowMs = works.clock.now()
      const keys = new Set<string>()
      for (const version of page.versions)
        if (putVersionInLine(draft, resynced, page, version, nowMs)) keys.add(version.key)
      for (const version of page.newest)
        if (keys.has(version.key)) putNewestInLine(draft, resynced, page, version, nowMs)
      const next = advanced(page)
      draft.put(page.row.key, encodeResync(next))
      return next.family === 'line' ? 'over' : 'more'
    },
  })
}

async function readPage(
  works: Works,
  draft: Draft,
  { key: rowKey, targetId }: Resynced,
  limit: number,
): Promise<Page | undefined> {
  const row = await draft.get(rowKey)
  const record = row && decodeResync(row.value)
  if (row === undefined || record?.status !== 'ongoing' || record.family === 'line') return undefined
  const bucket = await findSource(draft, { sourceBucket: record.bucket, sourceBucketId: record.bucketId })
  if (bucket === undefined) return undefined
  const rules = await works.replicationRules.of(bucket)
  const ruled = rules?.find((each) => Buffer.compare(each.targetId, targetId) === 0)
  if (ruled === undefined) return undefined
  const { family } = record
  const under = familyOf[family](bucket.bucketId)
  const isBegun = record.after.byteLength > 0
  // Among versions from the end: those of a key come oldest first, as who does not keep their ids has to get them.
  const reverse = family === 'versions'
  const { rows, more } = await works.kv.scan({
    from: isBegun && !reverse ? justAfter(record.after) : under,
    to: isBegun && reverse ? record.after : afterAllUnder(under),
    limit,
    reverse,
  })
  const versions: PageVersion[] = []
  for (const each of rows) {
    const version = await readVersion(draft, bucket, record.bucket, family, each)
    if (version !== undefined) versions.push(version)
  }
  const newest = family === 'versions' && !ruled.keepsVersionIds ? await readNewest() : []
  return { row, record, family, bucket, ruled, versions, newest, last: rows.at(-1)?.key, more }

  async function readNewest(): Promise<PageVersion[]> {
    const found: PageVersion[] = []
    for (const key of new Set(versions.map(({ key }) => key))) {
      const from = versionsOfKey(bucket!.bucketId, key)
      const { rows } = await works.kv.scan({ from, to: afterAllUnder(from), limit: 1 })
      const version = rows[0] && (await readVersion(draft, bucket!, record!.bucket, 'versions', rows[0]))
      if (version !== undefined) found.push(version)
    }
    return found
  }
}

async function readVersion(
  draft: Draft,
  bucket: BucketRecord,
  bucketName: string,
  family: ResyncedFamily,
  row: Row,
): Promise<PageVersion | undefined> {
  const key = family === 'versions' ? versionNameOf(row.key).key : objectNameOf(row.key)
  const { record: version } = foundObject(bucket, { bucket: bucketName, key }, row)
  if (version.summary !== undefined) return undefined
  draft.check(row.key, row)
  const place = family === 'versions' ? versionNameOf(row.key).place : placeOf(version)
  const state = await draft.get(replicationStateKey(bucket.bucketId, key, place))
  return {
    key,
    place,
    version,
    state: state && decodeReplicationState(state.value, `replication of "${key}"`),
  }
}

function putVersionInLine(
  draft: Draft,
  { targetId, isExisting }: Resynced,
  { record, bucket, ruled }: Page,
  { key, place, version, state }: PageVersion,
  nowMs: number,
): boolean {
  const { tags, isDeleteMarker, sizeBytes, lastModifiedMs } = version
  const states = state?.targets ?? []
  const others = states.filter((each) => Buffer.compare(each.targetId, targetId) !== 0)
  const isKnown = others.length < states.length
  const [chosen] = chooseRules([ruled], { key, tags, isDeleteMarker }, () => isKnown)
  if (chosen?.rule.existingObjects !== 'enabled') return false
  if (isDeleteMarker && chosen.rule.deleteMarkers !== 'enabled') return false
  if (isExisting ? isKnown || version.isReplica === true : lastModifiedMs > record.untilMs) return false
  const targets = [...others, { targetId, status: 'pending', hasBytes: false } as const]
  draft.put(replicationStateKey(bucket.bucketId, key, place), encodeReplicationState({ ...state, targets }))
  const inLine = { target: ruled, bucket: record.bucket, key, place, sizeBytes, isRemoved: false }
  putInLine(draft, isExisting ? inLine : { ...inLine, resyncId: record.resyncId }, nowMs)
  return true
}

/**
 * Older versions of a key have been put in line behind its newest, which was written since there are rules. What comes last is the newest
 * to a target that does not keep ids: so that one goes once more.
 */
function putNewestInLine(
  draft: Draft,
  { targetId, isExisting }: Resynced,
  { record, ruled }: Page,
  { key, place, version, state }: PageVersion,
  nowMs: number,
): void {
  const isKnown = state?.targets.some((each) => Buffer.compare(each.targetId, targetId) === 0) === true
  if (!isKnown || (!isExisting && version.lastModifiedMs <= record.untilMs)) return
  const { sizeBytes } = version
  putInLine(
    draft,
    { target: ruled, bucket: record.bucket, key, place, sizeBytes, isRemoved: false, isAgain: true },
    nowMs,
  )
}

function advanced({ record, family, last, more }: Page): ResyncRecord {
  if (more) return { ...record, after: last! }
  const following = resyncedFamilies[resyncedFamilies.indexOf(family) + 1]
  // Where it has come to at the end is still told.
  return following === undefined
    ? { ...record, family: 'line', after: last ?? record.after }
    : { ...record, family: following, after: new Uint8Array(0) }
}
