/** Stands on the first extent of a part. */
export interface PartMark {
  number: number
  sizeBytes: number
  /** The raw digest, by the algorithm of the record. */
  checksum?: Uint8Array
}

/** A stretch of a blob, or of a payload, that belongs to a body. */
export interface Extent {
  /** 0: the bytes are the payload of an `e/` row of the body that owns them; or there are none. */
  blobId: number
  /** Within the blob's payload; of bytes in a row, within the body that owns them. */
  offset: number
  length: number
  /** The 16-byte id of the body that owns the bytes. Absent: the body this extent stands in. */
  owner?: Uint8Array
  part?: PartMark
}

/** Whether the bytes lie in a blob: neither in a row nor nowhere. */
export const isInBlob = ({ blobId }: { readonly blobId: number }): boolean => blobId !== 0
