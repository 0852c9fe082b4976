import { Buffer } from 'node:buffer'
import { documentKey, replicationTargetKey } from '../catalog/keys.js'
import type { BucketRecord } from '../catalog/records/bucket-record.js'
import { decodeReplication, type ReplicationDocument } from '../catalog/records/replication-document.js'
import { decodeReplicationTarget } from '../catalog/records/replication-target-record.js'
import type { Awaitable, KvStore } from '../kv/kv.js'
import { limits } from '../limits.js'
import type { NamedReplicationRule, RuledTarget } from '../rules/replication/choose-rules.js'
import { parseReplicationArn } from '../rules/replication/replication-arn.js'
import { Shelf } from '../shelf.js'

/**
 * The replication rules of buckets, each with the target that it is for. A bucket's record says by an id whether there are any and
 * which: where there are none, nothing is looked up. What was read is remembered by that id.
 */
export class ReplicationRules {
  readonly #kv: KvStore
  readonly #known = new Shelf<readonly RuledTarget[]>(limits.replicationsRemembered)

  constructor(kv: KvStore) {
    this.#kv = kv
  }

  of({ bucketId, replicationId }: BucketRecord): Awaitable<readonly RuledTarget[] | undefined> {
    if (replicationId === undefined) return undefined
    const name = Buffer.from(replicationId).toString('hex')
    return this.#known.get(name) ?? this.#read(bucketId, name)
  }

  /**
   * Where others were set meanwhile, it answers with those: whoever decides by the bucket's record will find it changed when he
   * commits.
   */
  async #read(bucketId: Uint8Array, name: string): Promise<readonly RuledTarget[] | undefined> {
    for (;;) {
      const row = await this.#kv.get(documentKey(bucketId, REPLICATION))
      if (row === undefined) return undefined
      const payload = await this.#kv.readPayload(row.key, row.revision)
      if (payload === 'changed') continue
      const document = decodeReplication(row.value, payload, 'the replication rules of a bucket')
      const targets = await this.#targetsOf(document)
      if (document.replicationId === name) this.#known.put(name, targets)
      return targets
    }
  }

  async #targetsOf(document: ReplicationDocument): Promise<readonly RuledTarget[]> {
    const targets: RuledTarget[] = []
    for (const [arn, rules] of rulesByTarget(document)) {
      const targetId = parseReplicationArn(arn)?.targetId
      const row = targetId && (await this.#kv.get(replicationTargetKey(targetId)))
      if (targetId === undefined || row === undefined) continue
      const { keepsVersionIds } = decodeReplicationTarget(row.value, `replication target "${arn}"`)
      targets.push({ targetId, arn, keepsVersionIds, rules })
    }
    return targets
  }
}

/** The name of the document. */
export const REPLICATION = 'replication'

/** The enabled rules of each target that any names, the highest priority first. */
function rulesByTarget({ rules }: ReplicationDocument): Map<string, NamedReplicationRule[]> {
  const byTarget = new Map(rules.map(({ destination }) => [destination.arn, [] as NamedReplicationRule[]]))
  for (const rule of rules) if (rule.status === 'enabled') byTarget.get(rule.destination.arn)!.push(rule)
  for (const each of byTarget.values()) each.sort((a, b) => b.priority - a.priority)
  return byTarget
}
