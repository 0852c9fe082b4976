import { placeOf } from '../../rules/version-id.js'
import { leavingBuckets, type Picture } from './picture.js'
import { idOf, type StoredRows } from './stored-rows.js'

type Versions = StoredRows['objects']

/** The versions that have rows of their own, by bucket and key, in the order of their rows. */
function versionsByKey({ rows }: Picture): Map<string, Versions> {
  const byKey = new Map<string, Versions>()
  const leaving = leavingBuckets(rows)
  for (const version of rows.objects) {
    if (version.place === undefined || leaving.has(version.bucketId)) continue
    const name = nameOf(version)
    const before = byKey.get(name)
    if (before === undefined) byKey.set(name, [version])
    else before.push(version)
  }
  return byKey
}

const nameOf = ({ bucketId, key }: { bucketId: string; key: string }): string =>
  `"${key}" of bucket ${bucketId}`

/** A key has one row of its own: among the objects, or among the deleted if its current version is a delete marker. */
function* misplacedKey({ rows }: Picture) {
  const seen = new Set<string>()
  for (const current of rows.currents) {
    const name = nameOf(current)
    if (seen.has(name)) yield `${name} is among the objects and among the deleted`
    seen.add(name)
    if (current.record.isDeleteMarker !== (current.family === 'd'))
      yield `${name} is ${current.record.isDeleteMarker ? '' : 'not '}deleted and in the wrong family`
  }
}

/** Versions have places of their own, newest first; one at the most is the null version; each knows its place. */
function* unorderedVersions(picture: Picture) {
  for (const [name, versions] of versionsByKey(picture)) {
    let before = { order: Number.POSITIVE_INFINITY, isReplica: false }
    for (const { place, record } of versions) {
      if (record.summary !== undefined) yield `a version of ${name} is a summary`
      if (record.versionOrder === undefined || idOf(placeOf(record)) !== place)
        yield `a version of ${name} stands at ${place}, which is not its place`
      const order = record.versionOrder ?? 0
      // Two that were written at one moment in two stores may have the same; the rest of their places tells them apart.
      if (order > before.order) yield `a version of ${name} has the order ${order}, behind ${before.order}`
      const isOfAnother = record.isReplica === true || before.isReplica
      if (order === before.order && !isOfAnother) yield `two versions of ${name} have the order ${order}`
      before = { order, isReplica: record.isReplica === true }
    }
    if (versions.filter(({ record }) => record.isNullVersion).length > 1)
      yield `${name} has several null versions`
  }
}

/** A summary says of the newest version what its record says, and where the null version is. */
function* wrongSummary(picture: Picture) {
  const byKey = versionsByKey(picture)
  const leaving = leavingBuckets(picture.rows)
  for (const current of picture.rows.currents) {
    if (leaving.has(current.bucketId)) continue
    const name = nameOf(current)
    const { summary } = current.record
    const versions = byKey.get(name) ?? []
    byKey.delete(name)
    if (summary === undefined) {
      if (versions.length > 0) yield `${name} has an only version and others beside it`
      if (current.record.isNullVersion) yield `the only version of ${name} is marked as one among others`
      continue
    }
    const newest = versions[0]?.record
    if (newest === undefined) {
      yield `${name} has a summary of a version that is not there`
      continue
    }
    const facts = ({ body: _, shared: __, summary: ___, ...rest }: typeof newest) => JSON.stringify(rest)
    if (facts(current.record) !== facts(newest)) yield `the summary of ${name} is not of its newest version`
    const found = versions.find(({ record }) => record.isNullVersion)?.place
    const said = summary.nullVersion && idOf(summary.nullVersion)
    if (found !== said) yield `${name} has its null version at ${found}; its summary says ${said}`
  }
  for (const name of byKey.keys()) yield `${name} has versions and no row that says which is current`
}

/** There are versions only where versioning was set. */
function* versionsNeverMade(picture: Picture) {
  const buckets = new Map(picture.rows.buckets.map(({ id, record }) => [id, record]))
  const leaving = leavingBuckets(picture.rows)
  for (const { bucketId, key, place, record } of picture.rows.objects.filter(
    (one) => !leaving.has(one.bucketId),
  ))
    if ((place !== undefined || record.isDeleteMarker) && buckets.get(bucketId)?.versioning === undefined)
      yield `${nameOf({ bucketId, key })} has versions, and versioning was never set`
}

export const versionRules = {
  'misplaced-key': misplacedKey,
  'unordered-versions': unorderedVersions,
  'wrong-summary': wrongSummary,
  'versions-never-made': versionsNeverMade,
}
