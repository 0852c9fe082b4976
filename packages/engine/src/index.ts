export { connectBucket } from './connect-bucket.js'
export type { Bucket, BucketInfo, CreateBucketOptions, RemoveBucketOptions } from './contract/bucket.js'
export type {
  BucketConfiguration,
  ConfigurationKind,
  SetOptions,
  Versioning,
} from './contract/configuration.js'
export type { CorsMethod, CorsRule } from './contract/cors.js'
export type { OpenEngine } from './contract/engine.js'
export type {
  DeadLetter,
  EngineEvent,
  EventFilter,
  EventGap,
  EventName,
  EventOrigin,
  EventStream,
  Events,
  EventTarget,
  EventTargetOptions,
  EventTargetStatus,
  ListenOptions,
  Notification,
  NotificationRule,
  SubscribeOptions,
  WhenFull,
} from './contract/events.js'
export type {
  AccessKeyInfo,
  AccessKeyKind,
  AccessKeys,
  AddAccessKeyOptions,
  AddUserOptions,
  AssumeRoleOptions,
  CreateSessionOptions,
  FoundAccessKey,
  GroupInfo,
  Groups,
  Identities,
  NewAccessKey,
  Policies,
  PolicyHolder,
  PolicyInfo,
  PolicyWithDocument,
  Principal,
  SessionOf,
  TemporaryCredentials,
  UserInfo,
  Users,
} from './contract/identity.js'
export type { ChecksumAlgorithm, Checksums, ChecksumType, Integrity } from './contract/integrity.js'
export type {
  Expiration,
  LifecycleAction,
  LifecycleConfiguration,
  LifecycleExplanation,
  LifecycleFilter,
  LifecycleForecast,
  LifecycleRule,
  RuleVerdict,
  SweepAction,
  SweepOptions,
} from './contract/lifecycle.js'
export type { Listed, Listing, ListingPage, ListOptions } from './contract/listing.js'
export type { CompletedPart, CopiedPart, ObjectPart, Part, Upload, UploadInfo } from './contract/multipart.js'
export type {
  AppendOptions,
  Attributes,
  CopiedInfo,
  CopyOptions,
  DeleteConditions,
  Deleted,
  DeleteOptions,
  EtagKind,
  FanOutOptions,
  FanOutTarget,
  GetOptions,
  Headers,
  ObjectInfo,
  ObjectSummary,
  PutOptions,
  ReadConditions,
  RenameOptions,
  ReplicaOptions,
  Source,
  StoredObject,
  Tags,
  VersionInfo,
  Which,
  WriteConditions,
} from './contract/object.js'
export type { DefaultRetention, ObjectLock, Retention, RetentionMode } from './contract/object-lock.js'
export type {
  ApplicablePolicies,
  DecidingStatement,
  Decision,
  NamedPolicy,
  Policy,
  PolicyContext,
  PolicyKind,
  PolicyPrincipal,
  PolicyRequest,
} from './contract/policy.js'
export type {
  AddReplicationTarget,
  Carried,
  ConnectReplicationTarget,
  FactTimes,
  OutgoingDeleteMarker,
  OutgoingRemoval,
  OutgoingVersion,
  RemoteBucket,
  ReplicaFacts,
  ReplicaOf,
  ReplicaRemoval,
  Replication,
  ReplicationConfiguration,
  ReplicationCounts,
  ReplicationFailure,
  ReplicationFilter,
  ReplicationRule,
  ReplicationStatus,
  ReplicationTarget,
  ReplicationTargetFacts,
  ReplicationTargetInfo,
  ReplicationTargetStatus,
  ResyncOptions,
  ResyncStatus,
} from './contract/replication.js'
export type { ByteRange, ByteSource, Cancel } from './contract/source.js'
export type { EngineStat, Finding, Health, VerifyProgress } from './contract/store.js'
export { Engine, type EngineOptions } from './engine.js'
export {
  EngineError,
  type EngineErrorCode,
  type EngineErrorDetails,
  isEngineError,
  type ReplicationRefusal,
} from './errors.js'
export type { SealingKeySource } from './identity/sealing.js'
export { type RebuildIndexOptions, rebuildIndex } from './kv/level/rebuild-index.js'
export { ReplicationError, type ReplicationErrorCode } from './replication-error.js'
export { isBucketName, zoneOfBucketName } from './rules/bucket-name.js'
export {
  type EventMessage,
  type EventMessageOptions,
  type EventMessageRecord,
  eventMessage,
  eventRecord,
} from './rules/events/event-message.js'
export { type ActionLevel, levelOfAction } from './rules/policy/actions.js'
export { contextKey, isConditionKey } from './rules/policy/condition-keys.js'
export { decide } from './rules/policy/decide.js'
export { formatPolicy } from './rules/policy/format-policy.js'
export { ipRanges, isIpRange } from './rules/policy/ip-range.js'
export { isPublicPolicy } from './rules/policy/is-public.js'
export { parsePolicy } from './rules/policy/parse-policy.js'
export { isVersionId } from './rules/version-id.js'
export { verifyIntegrity } from './streams/verify-integrity.js'
export type { VerifyOptions } from './verbs/store/verify-store.js'
