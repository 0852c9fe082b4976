import type {
  Carried,
  ConnectReplicationTarget,
  OutgoingDeleteMarker,
  OutgoingRemoval,
  OutgoingVersion,
  ReplicationTarget,
  ReplicationTargetFacts,
} from '@aquifer/engine'
import { aquiferWire } from './aquifer-wire.js'
import { GatheredPuts } from './gathered-puts.js'
import { plainWire } from './plain-wire.js'
import { goesInParts, isHeld, isSmall } from './plan-parts.js'
import { abandon, putInParts } from './put-in-parts.js'
import { putWhole } from './put-whole.js'
import { S3Connection, type S3ConnectionOptions } from './s3-connection.js'
import { type HeadFacts, isGranted, TargetBucket } from './target-bucket.js'
import type { Transfer, Wire } from './wire.js'

interface Asked {
  readonly signal: AbortSignal
}

/**
 * Replication to buckets of servers that speak S3. Other Aquifers are told versions with their ids; any other gets new ones.
 *
 * @param options How the servers are called; whoever made it closes it.
 */
export const s3ReplicationTargets =
  (options: S3ConnectionOptions): ConnectReplicationTarget =>
  (remote) =>
    new S3ReplicationTarget(new TargetBucket(new S3Connection(remote, options)))

class S3ReplicationTarget implements ReplicationTarget {
  readonly #bucket: TargetBucket
  readonly #aquifer: Wire
  readonly #plain: Wire
  readonly #gathered: GatheredPuts

  constructor(bucket: TargetBucket) {
    this.#bucket = bucket
    this.#aquifer = aquiferWire(bucket)
    this.#plain = plainWire(bucket)
    this.#gathered = new GatheredPuts(bucket)
  }

  probe({ signal }: Asked): Promise<ReplicationTargetFacts> {
    return this.#bucket.probe(signal)
  }

  async put(version: OutgoingVersion, { signal }: Asked): Promise<Carried> {
    const head = await this.#bucket.head(signal)
    const transfer = { bucket: this.#bucket, wire: this.#wireFor(head), version, signal }
    if (!isHeld(version.info) && (await this.#isThere(transfer))) return {}
    if (goesInParts(version)) return putInParts(transfer)
    return putWhole(transfer, head.takesReplicas && isSmall(version.info) ? this.#gathered : undefined)
  }

  /** Many bytes are not sent for a version that is there: after an answer that was lost, or where all is carried over anew. */
  async #isThere(transfer: Transfer): Promise<boolean> {
    const { wire, version, signal } = transfer
    if (!wire.keepsVersionIds) return false
    const { key, versionId } = version
    const asked = { method: 'HEAD', key, query: { versionId }, signal } as const
    if (!isGranted(await this.#bucket.connection.ask(asked))) return false
    await abandon(transfer)
    await wire.merge(version, signal)
    return true
  }

  async merge(version: OutgoingVersion, { signal }: Asked): Promise<void> {
    const wire = await this.#wire(signal)
    await wire.merge(version, signal)
  }

  async putDeleteMarker(marker: OutgoingDeleteMarker, { signal }: Asked): Promise<Carried> {
    const wire = await this.#wire(signal)
    return wire.putDeleteMarker(marker, signal)
  }

  async remove(removal: OutgoingRemoval, { signal }: Asked): Promise<void> {
    const wire = await this.#wire(signal)
    await wire.remove(removal, signal)
  }

  async close(): Promise<void> {
    this.#bucket.close()
    this.#gathered.close()
  }

  async #wire(signal: AbortSignal): Promise<Wire> {
    return this.#wireFor(await this.#bucket.head(signal))
  }

  #wireFor({ keepsVersionIds }: HeadFacts): Wire {
    return keepsVersionIds ? this.#aquifer : this.#plain
  }
}
