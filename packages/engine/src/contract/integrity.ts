/** A digest S3 knows, in the engine's spelling. */
export type ChecksumAlgorithm =
  | 'crc32'
  | 'crc32c'
  | 'crc64nvme'
  | 'sha1'
  | 'sha256'
  | 'sha512'
  | 'md5'
  | 'xxhash64'
  | 'xxhash3'
  | 'xxhash128'

/** Whether a multipart object's checksum is of its bytes or of its parts' checksums. */
export type ChecksumType = 'composite' | 'full-object'

/** Checksums in base64, big-endian, as S3 writes them. */
export type Checksums<V = string> = Partial<Record<ChecksumAlgorithm, V>>

/** What the caller knows of the bytes it sends. Each is verified before the write becomes visible. */
export interface Integrity {
  /** The exact number of bytes. More or fewer refuse the write with `IncompleteBody`. */
  sizeBytes?: number
  /** Base64 of the body's MD5. @throws `BadDigest`, `InvalidDigest` */
  contentMd5?: string
  /** Hex of the body's SHA-256, as a signature names it: verified, and not stored. @throws `BadDigest`, `InvalidChecksum` */
  contentSha256?: string
  /** Expected checksums. A promise is a value that arrives after the body; its rejection refuses the write. */
  checksums?: Checksums<string | Promise<string>>
  /** The checksum to compute and store when none is given to compare with. */
  checksumAlgorithm?: ChecksumAlgorithm
  checksumType?: ChecksumType
}
