/** Every bound of the engine in one place. Where S3 has one, it is S3's. */
export const limits = {
  keyMaxBytes: 1_024,
  /** S3 User Guide: 50 TB since December 2025. */
  objectMaxBytes: 50_000_000_000_000,
  /** One put, one part. */
  uploadMaxBytes: 5 * 1024 ** 3,
  partNumberMax: 10_000,
  partMinBytes: 5 * 1024 ** 2,
  /** Names without the prefix, and values. */
  metadataMaxBytes: 2_048,
  /** Any one descriptive header. */
  headerMaxBytes: 2_048,
  /** All descriptive headers of an object together. */
  headersMaxBytes: 8_192,
  objectTagsMax: 10,
  bucketTagsMax: 50,
  tagNameMaxChars: 128,
  tagValueMaxChars: 256,
  /** S3 User Guide, "Bucket policies"; identity policies have the same. */
  policyMaxBytes: 20 * 1024,
  /** STS API Reference, AssumeRole: `Policy`. */
  sessionPolicyMaxChars: 2_048,
  /** Lists in objects in lists; no policy needs more than five. */
  policyMaxDepth: 8,
  /** S3 User Guide, "Elements of a CORS configuration". */
  corsRulesMax: 100,
  corsMaxBytes: 64 * 1024,
  corsIdMaxChars: 255,
  /** S3 API Reference, PutBucketLifecycleConfiguration. */
  lifecycleRulesMax: 1_000,
  lifecycleIdMaxChars: 255,
  /** All rules of a bucket, as they are kept: what a row holds. */
  lifecycleMaxBytes: 240 * 1024,
  /** S3 keeps up to 100; a removal rests on the rows of all that are kept, which one commit must hold. */
  newerNoncurrentVersionsMax: 1_000,
  /** About 5,475 years: a moment has 48 bits. */
  lifecycleDaysMax: 2_000_000,
  /** S3 User Guide, "Event notification configuration": rules of a bucket. */
  notificationRulesMax: 100,
  notificationIdMaxChars: 255,
  /** Buckets whose rules are remembered. */
  notificationsRemembered: 1_000,
  /** Events that wait for a target, unless it says otherwise. */
  eventBacklogMaxDefault: 1_000_000,
  subscriberBacklogMaxDefault: 100_000,
  subscriberNameMaxChars: 128,
  /** Who may subscribe or listen at a time: each is asked of every change. */
  subscriptionsMax: 1_000,
  eventConcurrencyDefault: 8,
  eventTimeoutMsDefault: 10_000,
  eventAttemptsMaxDefault: 50,
  eventRetryForMsDefault: 24 * 60 * 60 * 1_000,
  eventRetryDelayMsDefault: 1_000,
  eventRetryDelayMaxMs: 15 * 60 * 1_000,
  /** While a target does not answer at all, it is tried at least this often. */
  eventTargetPauseMaxMs: 60_000,
  /** Of a text in an event's origin, or an error that a delivery met. */
  eventTextMaxChars: 1_024,
  /** To a target that keeps ids: as many small versions go in few requests, and are written down by few syncs of both disks. */
  replicationConcurrencyDefault: 64,
  replicationConcurrencyDefaultWithoutIds: 16,
  replicationConcurrencyMax: 256,
  /** Versions a second, for each of the machine's cores, that are carried over at least while others take all of it. */
  replicationPacePerCore: 260,
  /** A version that its target refuses is tried at least this often, for a day. */
  replicationRetryDelayMaxMs: 60_000,
  replicationProbeTimeoutMs: 30_000,
  /** While a replication target takes nothing at all, one version is tried at least this often; while it is not there, that often. */
  replicationPauseMaxMs: 30_000,
  replicationUnreachablePauseMaxMs: 5_000,
  /** Versions that are put in line anew at a time, and how many may wait while more are. */
  resyncVersionsPerCommit: 200,
  resyncWaitingMax: 10_000,
  /** IAM User Guide, "IAM and AWS STS quotas": names of users; groups and policies have 128. */
  userNameMaxChars: 64,
  groupNameMaxChars: 128,
  displayNameMaxChars: 256,
  descriptionMaxChars: 256,
  /** OpenID Connect Core, "ID Token": `sub`. */
  subjectMaxChars: 255,
  policiesAttachedMax: 20,
  groupsOfUserMax: 64,
  /** Keys of a user that are not temporary. */
  accessKeysOfUserMax: 100,
  /** Sessions of a user that have not ended, and those that are kept after it. */
  sessionsOfUserMax: 5_000,
  /** STS API Reference, AssumeRole; AIStor allows a year. */
  sessionMinSeconds: 900,
  sessionMaxSeconds: 31_536_000,
  sessionDefaultSeconds: 3_600,
  /** How long a session that has ended is kept, if it lasted as long. */
  sessionKeptSeconds: 3_600,
  /** S3 API Reference, CreateSession. */
  bucketSessionSeconds: 300,
  /** What is remembered of access keys, policies and owners, each. */
  identitiesRemembered: 1_000,
  bucketsWithoutPolicyRemembered: 10_000,
  listPageMax: 10_000,
  listPageDefault: 1_000,
  /** Bodies up to this ride on their record's row. */
  inlineMaxBytesDefault: 64 * 1024,
  inlineMaxBytesLimit: 256 * 1024,
  /** All small bodies being gathered share this; beyond it a body goes to a blob file. */
  gatheringBudgetBytes: 32 * 1024 ** 2,
  /** Extents that stand in the record itself; longer bodies have rows of their own. */
  extentsInRecord: 64,
  extentsPerRow: 512,
  /** Tries of decide-and-commit before a write is refused as busy. */
  commitAttempts: 8,
  /** How far the wall clock may have run ahead while the engine was closed before retentions no longer end by it. */
  lockClockJumpMaxMs: 24 * 60 * 60 * 1_000,
  lockTimeNotedEveryMs: 60_000,
  deleteManyConcurrency: 64,
  /** Keys that one commit of a sweep is about, and versions of one key that it removes. */
  sweepKeysPerCommit: 200,
  sweepVersionsPerKey: 100,
  /** Keys that one commit of the look at a bucket's old objects is about. */
  indexKeysPerCommit: 400,
  /** Between two commits the sweep rests, to be so fast, but no less and no more than so much of its work's time. */
  sweepKeysPerSecond: 2_500,
  sweepRestLeast: 0.5,
  sweepRestMost: 2,
  /** When a sweep comes again for what it could not do, and cannot know when it will. */
  sweepAgainMs: 60_000,
  /** Versions of a key, and uploads, that are told when a forecast is asked for. */
  forecastVersionsMax: 100,
  /** Buckets whose lifecycle rules are remembered. */
  lifecyclesRemembered: 1_000,
  /** S3 API Reference, PutBucketReplication. */
  replicationRulesMax: 1_000,
  replicationIdMaxChars: 255,
  /** All rules of a bucket, as they are kept: what a row holds. */
  replicationMaxBytes: 240 * 1024,
  /** Buckets whose replication rules are remembered. */
  replicationsRemembered: 1_000,
  /** Versions of so many bytes wait in a queue of their own, so that no small one waits behind them. */
  replicationLargeBytes: 32 * 1024 ** 2,
  /** How long a version that was removed for good is remembered, so that no other store brings it back. */
  removedVersionKeptMs: 30 * 24 * 60 * 60 * 1_000,
  /** How long that goes on where something still waits to be carried over. */
  removedVersionKeptAgainMs: 24 * 60 * 60 * 1_000,
  fanOutConcurrency: 64,
  /** Up to so many bytes for all its targets together a fan-out gives each its own; beyond, they share one blob. */
  fanOutByValueBytes: 256 * 1024,
  bytesDefaultMax: 64 * 1024 ** 2,
  /** How long a completed upload answers a repeated completion with the same result. */
  completedUploadKeptMs: 24 * 60 * 60 * 1_000,
  /** How long a request with an id is remembered. */
  requestKeptMs: 24 * 60 * 60 * 1_000,
  /** S3 API Reference, RenameObject: printable ASCII. */
  requestIdMaxBytes: 64,
} as const
