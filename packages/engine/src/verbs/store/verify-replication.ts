import {
  allReplicationTargets,
  allResyncs,
  removedVersionsOf,
  replicationStatesOf,
  versionNameOf,
} from '../../catalog/keys.js'
import { decodeRemovedVersion } from '../../catalog/records/removed-version-record.js'
import { decodeReplicationState } from '../../catalog/records/replication-state-record.js'
import { decodeReplicationTarget } from '../../catalog/records/replication-target-record.js'
import { decodeResync } from '../../catalog/records/resync-record.js'
import { rowsUnder } from '../../catalog/scan.js'
import type { Finding } from '../../contract/store.js'
import { isEngineError } from '../../errors.js'
import type { KvStore } from '../../kv/kv.js'
import { formatPlace } from '../../rules/version-id.js'

type Read = (value: Uint8Array) => unknown

/** What is known of how far a bucket's versions have come to other stores, and of those that were removed. */
export async function* verifyReplicationOf(
  kv: KvStore,
  bucket: string,
  bucketId: Uint8Array,
): AsyncGenerator<Finding, void, undefined> {
  const families: readonly [Uint8Array, Read][] = [
    [replicationStatesOf(bucketId), (value) => decodeReplicationState(value, 'how far a version has come')],
    [removedVersionsOf(bucketId), (value) => decodeRemovedVersion(value)],
  ]
  for (const [family, read] of families)
    for await (const row of rowsUnder(kv, family)) {
      const damage = damageOf(read, row.value)
      if (damage === undefined) continue
      const { key, place } = versionNameOf(row.key)
      yield { what: 'object', bucket, key, versionId: formatPlace(place), ...damage }
    }
}

/** Where buckets may be carried over to. */
export async function* verifyReplicationTargets(kv: KvStore): AsyncGenerator<Finding, void, undefined> {
  const families: readonly [Uint8Array, Read][] = [
    [allReplicationTargets(), (value) => decodeReplicationTarget(value, 'a replication target')],
    [allResyncs(), (value) => decodeResync(value)],
  ]
  for (const [family, read] of families)
    for await (const row of rowsUnder(kv, family)) {
      const damage = damageOf(read, row.value)
      if (damage !== undefined) yield { what: 'store', ...damage }
    }
}

function damageOf(read: Read, value: Uint8Array): Pick<Finding, 'code' | 'detail'> | undefined {
  try {
    read(value)
    return undefined
  } catch (error) {
    if (!isEngineError(error, 'CorruptRecord')) throw error
    return { code: error.code, detail: error.message }
  }
}
