import {
  allBuckets,
  allDeferred,
  allDeleted,
  allObjects,
  allParts,
  allUploads,
  allVersions,
  deferredDueOf,
} from '../../catalog/keys.js'
import { ObjectView } from '../../catalog/records/object-record.js'
import { decodePart } from '../../catalog/records/part-record.js'
import { rowsUnder } from '../../catalog/scan.js'
import type { Cancel } from '../../contract/source.js'
import type { EngineStat } from '../../contract/store.js'
import type { Works } from '../../works.js'

export async function statStore(works: Works, { signal }: Cancel): Promise<EngineStat> {
  const { kv, clock } = works
  const tally = {
    ...{ buckets: 0, objects: 0, otherVersions: 0, objectBytes: 0 },
    ...{ uploads: 0, parts: 0, partBytes: 0, deferred: 0 },
  }
  for await (const _ of rowsUnder(kv, allBuckets())) tally.buckets++
  for await (const row of rowsUnder(kv, allObjects())) {
    signal?.throwIfAborted()
    const view = new ObjectView(row.value)
    tally.objects++
    if (view.isSummary)
      tally.otherVersions-- // Its version is counted there, and is the current one.
    else tally.objectBytes += view.sizeBytes
  }
  for await (const row of rowsUnder(kv, allDeleted()))
    if (!new ObjectView(row.value).isSummary) tally.otherVersions++
  for await (const row of rowsUnder(kv, allVersions())) {
    signal?.throwIfAborted()
    tally.otherVersions++
    tally.objectBytes += new ObjectView(row.value).sizeBytes
  }
  for await (const _ of rowsUnder(kv, allUploads())) tally.uploads++
  for await (const row of rowsUnder(kv, allParts())) {
    signal?.throwIfAborted()
    tally.parts++
    tally.partBytes += decodePart(row.value).sizeBytes
  }
  const nowMs = clock.now()
  for await (const row of rowsUnder(kv, allDeferred())) {
    if (deferredDueOf(row.key) > nowMs) break
    tally.deferred++
  }
  const disk = await kv.stat?.()
  return disk === undefined ? tally : { ...tally, disk }
}
