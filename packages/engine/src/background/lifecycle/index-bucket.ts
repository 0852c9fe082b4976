import { Draft } from '../../catalog/draft.js'
import { type FoundObject, foundObject } from '../../catalog/find.js'
import {
  afterAllUnder,
  bucketKey,
  deletedOf,
  justAfter,
  objectNameOf,
  objectsOf,
  type RowKey,
  uploadNameOf,
  uploadsOf,
} from '../../catalog/keys.js'
import { type BucketRecord, decodeBucket } from '../../catalog/records/bucket-record.js'
import {
  decodeIndexing,
  encodeIndexing,
  type IndexedFamily,
  type IndexingRecord,
  indexedFamilies,
} from '../../catalog/records/indexing-record.js'
import { decodeUpload } from '../../catalog/records/upload-record.js'
import { lookAfterUpload, lookAt } from '../../commit/looks.js'
import { ruledVersions } from '../../commit/ruled-versions.js'
import { isEngineError } from '../../errors.js'
import type { Row } from '../../kv/kv.js'
import { limits } from '../../limits.js'
import type { ActiveRules } from '../../rules/lifecycle/active-rules.js'
import { firstOf, forecastsFor } from '../../rules/lifecycle/forecast.js'
import type { Works } from '../../works.js'

const familyOf: Record<IndexedFamily, (bucketId: Uint8Array) => RowKey> = {
  objects: objectsOf,
  deleted: deletedOf,
  uploads: uploadsOf,
}

/**
 * One page of the look at what a bucket held before its rules were set: the rows of the keys' first looks, and how far it
 * has come, in one commit. Writes since then put down their own. Answers whether it is over, as it also is where other
 * rules were set, whose own look begins anew.
 */
export async function indexPage(works: Works, indexing: Row): Promise<boolean> {
  const draft = new Draft(works.kv)
  draft.check(indexing.key, indexing)
  const record = decodeIndexing(indexing.value)
  const bucket = await findBucket(draft, record)
  const rules = bucket && (await works.lifecycleRules.of(bucket))
  const next = rules && (await indexRows(works, draft, bucket!, record, rules))
  if (next === undefined) draft.delete(indexing.key)
  else draft.put(indexing.key, encodeIndexing(next))
  const { committed } = await works.kv.commit(draft.toChange())
  if (committed && draft.nextLookMs !== undefined) works.wakeSweeper(draft.nextLookMs)
  return committed && next === undefined
}

/** If it is the one that the look is about, with the rules that it is about. */
async function findBucket(
  draft: Draft,
  { bucket, lifecycleId }: IndexingRecord,
): Promise<BucketRecord | undefined> {
  const row = await draft.get(bucketKey(bucket))
  const record = row && decodeBucket(row.value, `bucket "${bucket}"`)
  const isSame = record?.lifecycleId && Buffer.compare(record.lifecycleId, lifecycleId) === 0
  return isSame === true ? record : undefined
}

async function indexRows(
  works: Works,
  draft: Draft,
  bucket: BucketRecord,
  record: IndexingRecord,
  rules: ActiveRules,
): Promise<IndexingRecord | undefined> {
  const family = familyOf[record.family](bucket.bucketId)
  const { rows, more } = await works.kv.scan({
    from: record.after.byteLength === 0 ? family : justAfter(record.after),
    to: afterAllUnder(family),
    limit: limits.indexKeysPerCommit,
  })
  for (const row of rows) {
    try {
      await lookAtRow(works, draft, bucket, record, rules, row)
    } catch (error) {
      // What cannot be read is left: nobody knows whether it is due. It keeps the others not waiting.
      if (!isEngineError(error, 'CorruptRecord')) throw error
    }
  }
  const keys = record.keys + rows.length
  if (more) return { ...record, keys, after: rows.at(-1)!.key }
  const following = indexedFamilies[indexedFamilies.indexOf(record.family) + 1]
  return following && { ...record, keys, family: following, after: new Uint8Array(0) }
}

async function lookAtRow(
  works: Works,
  draft: Draft,
  bucket: BucketRecord,
  record: IndexingRecord,
  rules: ActiveRules,
  row: Row,
): Promise<void> {
  if (record.family === 'uploads') {
    const { key, uploadId } = uploadNameOf(row.key)
    const target = { bucket: record.bucket, key }
    const { initiatedMs } = decodeUpload(row.value, `an upload of "${key}"`)
    lookAfterUpload(draft, { target, lifecycle: rules, nowMs: initiatedMs }, uploadId, initiatedMs)
    return
  }
  const target = { bucket: record.bucket, key: objectNameOf(row.key) }
  const first = await firstLook(works, target, foundObject(bucket, target, row), rules)
  if (first !== undefined) lookAt(draft, target, first)
}

/** The first moment at which something is due of a key. */
async function firstLook(
  works: Works,
  target: { bucket: string; key: string },
  current: FoundObject,
  rules: ActiveRules,
): Promise<number | undefined> {
  let first: number | undefined
  for await (const { facts } of ruledVersions(works.kv, target, current)) {
    const dueMs = firstOf(forecastsFor(rules, facts))?.dueMs
    if (dueMs !== undefined) first = Math.min(dueMs, first ?? dueMs)
  }
  return first
}
