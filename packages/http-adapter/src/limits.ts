/** Every bound of the adapter in one place. Where S3 has one, it is S3's. */
export const limits = {
  /** Bodies of sub-resources. */
  xmlMaxBytes: 1024 ** 2,
  /** A request for temporary credentials, which holds a policy or a token of another provider. */
  tokenRequestMaxBytes: 64 * 1024,
  tokenParametersMax: 64,
  webIdentityTokenMaxChars: 20_000,
  /** Fifty tags of the longest names and values, with room for how they may be written. */
  taggingMaxBytes: 256 * 1024,
  corsMaxBytes: 64 * 1024,
  /** A thousand rules of replication. */
  replicationMaxBytes: 2 * 1024 ** 2,
  /** Versions of another store that one request brings, with all that is said of them. */
  replicasMaxBytes: 4 * 1024 ** 2,
  replicasMax: 1_000,
  /** Four times what the headers of a request may have: JSON may write a byte as several. */
  replicaHeadMaxBytes: 64 * 1024,
  /** Of all of them together: to read a body that is made of nothing else would take more than a second. */
  replicasHeadersMax: 50_000,
  /** Between signs of life to who listens for events. */
  listenSpaceMs: 500,
  /** Names that one preflight question may ask about. */
  corsRequestHeadersMax: 128,
  /** Names and values of a form's fields, and so its policy. */
  formFieldsMaxBytes: 20 * 1024,
  formPartsMax: 1_000,
  /** Fan-out lists of one form together. */
  fanOutListMaxBytes: 8 * 1024 ** 2,
  fanOutEntriesDefault: 1_000,
  formPartHeadersMax: 32,
  formPartHeaderMaxBytes: 8 * 1024,
  /** What of a form's body is not its file: fields, what frames them, what comes behind the file. */
  formAsideMaxBytes: 256 * 1024,
  /** DeleteObjects with 1,000 long keys and CompleteMultipartUpload with 10,000 parts and their checksums. */
  xmlListMaxBytes: 4 * 1024 ** 2,
  /** Documents about object lock. */
  lockXmlMaxBytes: 4 * 1024,
  xmlMaxDepth: 16,
  xmlMaxElements: 150_000,
  deleteObjectsMax: 1_000,
  keyMaxBytes: 1_024,
  listPageMax: 1_000,
  listBucketsPageMax: 10_000,
  /** How many are looked at together for those that the caller may see. */
  listBucketsScanned: 100,
  partNumberMax: 10_000,
  /** S3 reads page sizes and the markers of part listings as 32-bit numbers. */
  integerMax: 2_147_483_647,
  /** Of an archive that is read into; MinIO's. */
  zipDirectoryMaxBytes: 100 * 1024 ** 2,
  /** Files of an archive that one listing looks at. */
  zipListedMax: 100_000,
  uploadMaxBytes: 5 * 1024 ** 3,
  continuationTokenMaxChars: 2_048,
  queryMaxParameters: 256,
  /** An object body this small is read at once and sent whole, which spares a stream. */
  bufferedBodyMaxBytes: 64 * 1024,
  /** What is read and thrown away of a refused body, so that the connection can be used again. */
  drainKeepAliveMaxBytes: 256 * 1024,
  /** What is read and thrown away of a refused body, so that the client sees the answer before the connection closes. */
  drainMaxBytes: 64 * 1024 ** 2,
  drainMaxMs: 5_000,
  clockSkewMaxMs: 15 * 60 * 1_000,
  /** A week. */
  presignedExpiresMaxSeconds: 604_800,
  /** How long a function behind Object Lambda may read the object that it was asked for. */
  lambdaUrlExpiresSeconds: 3_600,
  signingKeysCached: 1_024,
  /** Wrong signatures of one access key from one address before it is slowed down, and how fast they are forgiven. */
  failedSignaturesMax: 100,
  failedSignaturesForgivenPerSecond: 1,
  failedSignaturesRemembered: 10_000,
  /** Every aws-chunk but the last has at least this many bytes. */
  chunkMinBytes: 8 * 1024,
  chunkHeaderMaxBytes: 4 * 1024,
  trailerMaxBytes: 4 * 1024,
  /**
   * A signed chunk up to this is held back until its signature is verified; a longer one flows as it is hashed. SDKs
   * make chunks of 64 to 128 KiB, and many slow clients together hold this much each.
   */
  signedChunkHeldBytes: 256 * 1024,
  requestHeadersMaxBytes: 16 * 1024,
  headersTimeoutMs: 60_000,
  /** A connection on which nothing moves for this long is given up. */
  idleTimeoutMs: 120_000,
  keepAliveTimeoutMs: 65_000,
  /** Whoever sends or takes a body more slowly than this, over the window, is given up. */
  leastRate: { bytesPerSecond: 1_024, windowMs: 30_000 },
} as const
