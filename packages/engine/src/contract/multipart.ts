import type { ChecksumAlgorithm, Checksums, ChecksumType, Integrity } from './integrity.js'
import type { EtagKind, ObjectInfo, Source, WriteConditions } from './object.js'
import type { ReplicaOf } from './replication.js'
import type { ByteRange, ByteSource, Cancel } from './source.js'

export interface Part {
  partNumber: number
  etag: string
  sizeBytes: number
  lastModified: Date
  checksums: Checksums
}

/** A part made of a stored object's bytes. */
export interface CopiedPart extends Part {
  /** Which version was copied; absent where the source's bucket never had versions. */
  sourceVersionId?: string
}

/** A part of a finished object: its bounds are kept for as long as the object. */
export interface ObjectPart {
  partNumber: number
  sizeBytes: number
  /** Empty where the upload was begun without a checksum algorithm. */
  checksums: Checksums
}

export interface UploadInfo {
  key: string
  uploadId: string
  initiated: Date
  ownerId?: string
  storageClass?: string
  checksumAlgorithm?: ChecksumAlgorithm
  checksumType?: ChecksumType
  /** The version of another store that its completion makes here. */
  replica?: ReplicaOf
  /** When the bucket's lifecycle rules will abort it, and by which; of one that is asked about alone. */
  abort?: { at: Date; ruleId: string }
}

export interface CompletedPart {
  partNumber: number
  etag: string
  checksums?: Checksums
}

/** A handle of a multipart upload: no I/O, cannot fail. What is unknown shows when a method is called. */
export interface Upload {
  readonly key: string
  readonly uploadId: string
  /** @throws `NoSuchUpload` */
  info(options?: Cancel): Promise<UploadInfo>
  /** Stores a part; the upload that finishes last replaces an earlier one of the number. Parts are 1 to 10,000. */
  putPart(partNumber: number, source: ByteSource, options?: Integrity & EtagKind & Cancel): Promise<Part>
  /**
   * A part made of a stored object's bytes. No bytes are moved.
   * @throws `InvalidRange` where the range reaches beyond the source.
   */
  copyPart(partNumber: number, from: Source & { range?: ByteRange }, options?: Cancel): Promise<CopiedPart>
  parts(options?: { afterPartNumber?: number } & Cancel): AsyncIterable<Part>
  /**
   * Makes the object of the listed parts, in ascending number, without moving bytes. Asking again with the
   * same parts gives the same answer for a day.
   * @throws `InvalidPart`, `InvalidPartOrder`, `EntityTooSmall`, `NoSuchUpload`
   */
  complete(
    parts: readonly CompletedPart[],
    options?: WriteConditions & Integrity & Cancel,
  ): Promise<ObjectInfo>
  abort(options?: Cancel): Promise<void>
}
