import type { Retention, Tags } from '@aquifer/engine'

/** What is asked to be written of a version. */
export interface Written {
  readonly bytes: Buffer
  readonly metadata: Tags
  readonly tags: Tags
  readonly retention?: Retention
  readonly legalHold?: boolean
}

/**
 * What came of something asked: it was done; it was refused, with S3's code; or nobody knows, since the store died before it
 * had answered.
 */
export type Outcome =
  | { readonly is: 'done'; readonly versionId?: string }
  | { readonly is: 'refused'; readonly code: string }
  | { readonly is: 'lost' }

/** All that is told of a version. `facts` holds everything in which a version and its copy have to be equal. */
export interface SeenVersion {
  readonly key: string
  readonly versionId: string
  readonly facts: Readonly<Record<string, string>>
  /** What the store says of its way to the other. */
  readonly replication: string
}

/** One of the two stores, whichever way it is reached. The bucket is one with object lock. */
export interface Side {
  readonly name: string
  put(key: string, written: Written): Promise<Outcome>
  /** The same in parts of 5 MiB. */
  putInParts(key: string, written: Written): Promise<Outcome>
  putDeleteMarker(key: string): Promise<Outcome>
  /** For good, with the right to bypass governance. */
  removeVersion(key: string, versionId: string): Promise<Outcome>
  setTags(key: string, versionId: string, tags: Tags): Promise<Outcome>
  /** With the right to bypass governance. */
  setRetention(key: string, versionId: string, retention: Retention): Promise<Outcome>
  setLegalHold(key: string, versionId: string, on: boolean): Promise<Outcome>
  /** Every version and delete marker, by key and from the newest to the oldest, its bytes read. */
  versions(): AsyncIterable<SeenVersion>
}
