/** Bounds of authentication. Where S3 has one, it is S3's. */
export const authLimits = {
  clockSkewMaxMs: 15 * 60 * 1_000,
  /** A week. */
  presignedExpiresMaxSeconds: 604_800,
  signingKeysCached: 1_024,
  /** A signed chunk up to this is held back until its signature is verified; a longer one flows as it is hashed. */
  signedChunkHeldBytes: 1024 ** 2,
  /** Every aws-chunk but the last has at least this many bytes. */
  chunkMinBytes: 8 * 1024,
  chunkHeaderMaxBytes: 4 * 1024,
  trailerMaxBytes: 4 * 1024,
} as const
