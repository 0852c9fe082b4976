import type { Carried, OutgoingDeleteMarker, OutgoingRemoval, OutgoingVersion } from '@aquifer/engine'
import type { S3Answer } from './s3-connection.js'
import type { TargetBucket } from './target-bucket.js'

export interface Writing {
  readonly query: Readonly<Record<string, string>>
  readonly headers: Readonly<Record<string, string>>
}

/** How a server is spoken to: in S3's words alone, or with those that Aquifers have for each other. */
export interface Wire {
  readonly keepsVersionIds: boolean
  /** What a request says that writes a version, or begins to. */
  writing(version: OutgoingVersion, signal: AbortSignal): Promise<Writing>
  /** Answers to such a request that say no, and that there is nothing more to do. */
  readonly doneBy: readonly number[]
  /** What an answer to it says of the version. @throws {@link ReplicationError} `InvalidBucketState` */
  carried(version: OutgoingVersion, answer: S3Answer): Carried
  merge(version: OutgoingVersion, signal: AbortSignal): Promise<void>
  putDeleteMarker(marker: OutgoingDeleteMarker, signal: AbortSignal): Promise<Carried>
  remove(removal: OutgoingRemoval, signal: AbortSignal): Promise<void>
}

/** A version on its way. */
export interface Transfer {
  readonly bucket: TargetBucket
  readonly wire: Wire
  readonly version: OutgoingVersion
  readonly signal: AbortSignal
}
