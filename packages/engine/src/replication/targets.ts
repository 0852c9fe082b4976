import { Buffer } from 'node:buffer'
import type { ReplicationTargetRecord } from '../catalog/records/replication-target-record.js'
import { allTargets } from '../catalog/replication-targets.js'
import type { ConnectReplicationTarget, ReplicationTarget } from '../contract/replication.js'
import { noSuchReplicationTarget } from '../errors.js'
import type { Sealing } from '../identity/sealing.js'
import type { KvStore } from '../kv/kv.js'
import { parseReplicationArn } from '../rules/replication/replication-arn.js'

/** A target as the engine has it in hand. */
export interface KnownTarget {
  /** 16 bytes, those of its ARN. */
  readonly targetId: Uint8Array
  readonly record: ReplicationTargetRecord
  /** What it is reached by; or why it cannot be. */
  readonly connection: ReplicationTarget | string
}

export const nameOfTargetId = (targetId: Uint8Array): string => Buffer.from(targetId).toString('hex')

/** Whoever changes a target takes this turn. No bucket has this name. */
export const targetTurn = (targetId: Uint8Array): string => `\0replication target ${nameOfTargetId(targetId)}`

/**
 * Where buckets may be carried over to. There are few, and every commit of a bucket with rules asks for them: they are held in
 * memory, as their rows have them.
 */
export class ReplicationTargets {
  readonly #sealing: Sealing
  readonly #connect: ConnectReplicationTarget | undefined
  readonly #known = new Map<string, KnownTarget>()
  /** Those whose rows cannot be read: a store opens all the same, `verify` names them, and what waits for them stays. */
  readonly damaged: Uint8Array[] = []
  /** Told of each that is new, has changed or is to go, and waited for before what it was reached by is closed. */
  onChange: ((name: string, target: KnownTarget | undefined) => Promise<void>) | undefined

  private constructor(sealing: Sealing, connect: ConnectReplicationTarget | undefined) {
    this.#sealing = sealing
    this.#connect = connect
  }

  static async open(
    kv: KvStore,
    sealing: Sealing,
    connect: ConnectReplicationTarget | undefined,
  ): Promise<ReplicationTargets> {
    const targets = new ReplicationTargets(sealing, connect)
    for await (const { targetId, record } of allTargets(kv)) {
      if (record === undefined) {
        targets.damaged.push(targetId)
        continue
      }
      const connection = await targets.#connectionTo(record)
      targets.#known.set(nameOfTargetId(targetId), { targetId, record, connection })
    }
    return targets
  }

  /** One that cannot be reached is a target all the same: what is for it waits. */
  async #connectionTo(record: ReplicationTargetRecord): Promise<ReplicationTarget | string> {
    if (this.#connect === undefined) return 'The engine was opened without connectReplicationTarget.'
    const { endpoint, bucket, region, addressing, accessKeyId, arn, sealedSecret } = record
    try {
      const { secretAccessKey } = await this.#sealing.unseal({ accessKeyId, targetArn: arn }, sealedSecret)
      return this.#connect({ endpoint, bucket, region, addressing, accessKeyId, secretAccessKey })
    } catch (error) {
      return `What it is reached by cannot be used: ${error instanceof Error ? error.message : error}`
    }
  }

  /** What makes the connection to a target; undefined where the engine was given nothing that does. */
  get connect(): ConnectReplicationTarget | undefined {
    return this.#connect
  }

  get all(): Iterable<KnownTarget> {
    return this.#known.values()
  }

  find(targetId: Uint8Array): KnownTarget | undefined {
    return this.#known.get(nameOfTargetId(targetId))
  }

  /** The target of exactly this ARN. */
  findByArn(arn: string): KnownTarget | undefined {
    const parsed = parseReplicationArn(arn)
    const found = parsed && this.find(parsed.targetId)
    return found?.record.arn === arn ? found : undefined
  }

  /** @throws {@link EngineError} `NoSuchReplicationTarget` */
  getByArn(arn: string): KnownTarget {
    const found = this.findByArn(arn)
    if (found === undefined) throw noSuchReplicationTarget(arn)
    return found
  }

  /** Its row has been written. */
  async remember(target: KnownTarget): Promise<void> {
    const name = nameOfTargetId(target.targetId)
    const before = this.#known.get(name)
    this.#known.set(name, target)
    await this.onChange?.(name, target)
    if (before !== undefined && before.connection !== target.connection) await closeConnection(before)
  }

  /** Its row has gone. */
  async forget(targetId: Uint8Array): Promise<void> {
    const name = nameOfTargetId(targetId)
    const before = this.#known.get(name)
    if (before === undefined) return
    this.#known.delete(name)
    await this.onChange?.(name, undefined)
    await closeConnection(before)
  }

  async close(): Promise<void> {
    await Promise.all([...this.#known.values()].map(closeConnection))
  }
}

async function closeConnection({ connection }: KnownTarget): Promise<void> {
  if (typeof connection !== 'string') await connection.close?.()
}
