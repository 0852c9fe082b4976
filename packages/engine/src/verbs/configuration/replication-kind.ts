import { Buffer } from 'node:buffer'
import type { Draft } from '../../catalog/draft.js'
import { getBucket, type Lookup } from '../../catalog/find.js'
import { documentKey, replicationTargetKey } from '../../catalog/keys.js'
import { type BucketRecord, encodeBucket } from '../../catalog/records/bucket-record.js'
import { decodeReplication, encodeReplication } from '../../catalog/records/replication-document.js'
import { decodeReplicationTarget } from '../../catalog/records/replication-target-record.js'
import { beginExisting } from '../../commit/begin-resync.js'
import { changeBucket } from '../../commit/bucket-change.js'
import { REPLICATION } from '../../commit/replication-rules.js'
import type { SetOptions } from '../../contract/configuration.js'
import type { ReplicationConfiguration } from '../../contract/replication.js'
import { busy, EngineError, noSuchReplicationTarget } from '../../errors.js'
import { limits } from '../../limits.js'
import { probeTarget } from '../../replication/probe-target.js'
import { checkReplication } from '../../rules/replication/check-replication.js'
import { parseReplicationArn } from '../../rules/replication/replication-arn.js'
import type { Works } from '../../works.js'
import type { Kind } from './kind.js'

/**
 * A document, and an id of it in the bucket's record: every write rests on that, and is put in line by these rules. No target that
 * they name can be taken away meanwhile, since the commit checks its row.
 */
export const replication: Kind<ReplicationConfiguration> = {
  async get({ kv }, bucket) {
    for (let attempt = 1; attempt <= limits.commitAttempts; attempt++) {
      const { bucketId, replicationId } = await getBucket(kv, bucket)
      if (replicationId === undefined) return undefined
      const row = await kv.get(documentKey(bucketId, REPLICATION))
      const payload = row && (await kv.readPayload(row.key, row.revision))
      if (row === undefined || payload === undefined || payload === 'changed') continue
      const { role, rules } = decodeReplication(row.value, payload, `replication of "${bucket}"`)
      return { ...(role !== undefined && { role }), rules }
    }
    throw busy({ bucket, key: '' })
  },
  set: (works, bucket, value, options) =>
    value === undefined ? takeBack(works, bucket) : setRules(works, bucket, value, options),
}

/** What is in line is carried over all the same, and what is known of versions stays. */
function takeBack(works: Works, bucket: string): Promise<void> {
  return changeBucket(works, bucket, ({ row, record }, draft) => {
    const { replicationId: before, ...rest } = record
    if (before === undefined) return
    draft.put(row.key, encodeBucket(rest))
    draft.delete(documentKey(record.bucketId, REPLICATION))
  })
}

async function setRules(
  works: Works,
  bucket: string,
  value: ReplicationConfiguration,
  { skipDestinationValidation = false, signal }: SetOptions,
): Promise<void> {
  checkReplication(value)
  const arns = [...new Set(value.rules.map(({ destination }) => destination.arn))]
  const source = await getBucket(works.kv, bucket)
  await checkTargets(works.kv, source, arns)
  if (!skipDestinationValidation)
    await Promise.all(
      arns.map((arn) =>
        probeTarget(works, arn, works.replicationTargets.getByArn(arn).connection, source, signal),
      ),
    )
  const replicationId = works.ids.next()
  const rules = value.rules.map((rule) => ({ ...rule, id: rule.id || newRuleId(works.ids.next()) }))
  const decide = ({ row, record }: { row: { key: Uint8Array }; record: BucketRecord }, draft: Draft) => {
    draft.put(row.key, encodeBucket({ ...record, replicationId, hasReplicationStates: true }))
    const document = encodeReplication({
      replicationId: Buffer.from(replicationId).toString('hex'),
      ...(value.role !== undefined && { role: value.role }),
      rules,
    })
    draft.put(documentKey(record.bucketId, REPLICATION), document.value, document.payload)
    const nowMs = works.clock.now()
    for (const targetId of targetsOfExisting(value)) beginExisting(draft, { targetId, bucket, record, nowMs })
  }
  await changeBucket(works, bucket, decide, (record, draft) => checkTargets(draft, record, arns))
}

/** As S3 does for a rule that has none. */
const newRuleId = (id: Uint8Array): string => Buffer.from(id).toString('base64url')

/** @throws {@link EngineError} `InvalidRequest`, `NoSuchReplicationTarget` */
async function checkTargets(
  lookup: Lookup,
  { bucketId, versioning }: BucketRecord,
  arns: readonly string[],
): Promise<void> {
  if (versioning !== 'enabled') {
    const reason = 'Versioning must be enabled on the bucket to apply a replication configuration.'
    throw new EngineError('InvalidRequest', reason, { reason })
  }
  for (const arn of arns) {
    const targetId = parseReplicationArn(arn)?.targetId
    const row = targetId && (await lookup.get(replicationTargetKey(targetId)))
    const target = row && decodeReplicationTarget(row.value, `replication target "${arn}"`)
    if (target?.arn !== arn || Buffer.compare(target.sourceBucketId, bucketId) !== 0)
      throw noSuchReplicationTarget(arn)
  }
}

/** Where what was there before the rules is to go as well. */
function targetsOfExisting({ rules }: ReplicationConfiguration): Uint8Array[] {
  const arns = rules
    .filter(({ status, existingObjects }) => status === 'enabled' && existingObjects === 'enabled')
    .map(({ destination }) => destination.arn)
  return [...new Set(arns)].map((arn) => parseReplicationArn(arn)!.targetId)
}
