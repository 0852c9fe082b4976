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
import { plainWire } from './plain-wire.js'
import { goesInParts } from './plan-parts.js'
import { putInParts } from './put-in-parts.js'
import { putWhole } from './put-whole.js'
import { S3Connection, type S3ConnectionOptions } from './s3-connection.js'
import { TargetBucket } from './target-bucket.js'
import type { Wire } from './wire.js'

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

  constructor(bucket: TargetBucket) {
    this.#bucket = bucket
    this.#aquifer = aquiferWire(bucket)
    this.#plain = plainWire(bucket)
  }

  probe({ signal }: Asked): Promise<ReplicationTargetFacts> {
    return this.#bucket.probe(signal)
  }

  async put(version: OutgoingVersion, { signal }: Asked): Promise<Carried> {
    const transfer = { bucket: this.#bucket, wire: await this.#wire(signal), version, signal }
    return goesInParts(version) ? putInParts(transfer) : putWhole(transfer)
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
  }

  async #wire(signal: AbortSignal): Promise<Wire> {
    return (await this.#bucket.keepsVersionIds(signal)) ? this.#aquifer : this.#plain
  }
}
