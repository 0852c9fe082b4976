import {
  createBucketDocument,
  legalHoldDocument,
  retentionDocument,
  taggingDocument,
} from './authorization/kept-document.js'
import { asks, ofEach, ofNothing, ofObject, ofSource, onlyIf, openToAll } from './authorization/needs.js'
import { abortMultipartUpload } from './operations/abort-multipart-upload.js'
import { appendObject } from './operations/append-object.js'
import { cancelReplicationReset } from './operations/cancel-replication-reset.js'
import { checkReplication } from './operations/check-replication.js'
import { completeMultipartUpload } from './operations/complete-multipart-upload.js'
import { copyObject } from './operations/copy-object.js'
import { createBucket } from './operations/create-bucket.js'
import { createMultipartUpload } from './operations/create-multipart-upload.js'
import { createSession } from './operations/create-session.js'
import { deleteBucket } from './operations/delete-bucket.js'
import { deleteBucketCors } from './operations/delete-bucket-cors.js'
import { deleteBucketLifecycle } from './operations/delete-bucket-lifecycle.js'
import { deleteBucketPolicy } from './operations/delete-bucket-policy.js'
import { deleteBucketReplication } from './operations/delete-bucket-replication.js'
import { deleteBucketTagging } from './operations/delete-bucket-tagging.js'
import { deleteObject } from './operations/delete-object.js'
import { deleteObjectTagging } from './operations/delete-object-tagging.js'
import { deleteObjects } from './operations/delete-objects.js'
import { forceDeleteBucket } from './operations/force-delete-bucket.js'
import { getBucketCors } from './operations/get-bucket-cors.js'
import { getBucketLifecycle } from './operations/get-bucket-lifecycle.js'
import { getBucketLocation } from './operations/get-bucket-location.js'
import { getBucketNotificationConfiguration } from './operations/get-bucket-notification-configuration.js'
import { getBucketPolicy } from './operations/get-bucket-policy.js'
import { getBucketPolicyStatus } from './operations/get-bucket-policy-status.js'
import { getBucketReplication } from './operations/get-bucket-replication.js'
import { getBucketTagging } from './operations/get-bucket-tagging.js'
import { getBucketVersioning } from './operations/get-bucket-versioning.js'
import { getObject } from './operations/get-object.js'
import { getObjectAttributes } from './operations/get-object-attributes.js'
import { getObjectLambda } from './operations/get-object-lambda.js'
import { getObjectLegalHold } from './operations/get-object-legal-hold.js'
import { getObjectLockConfiguration } from './operations/get-object-lock-configuration.js'
import { getObjectRetention } from './operations/get-object-retention.js'
import { getObjectTagging } from './operations/get-object-tagging.js'
import { getReplicationMetrics } from './operations/get-replication-metrics.js'
import { getReplicationResetStatus } from './operations/get-replication-reset-status.js'
import { headBucket } from './operations/head-bucket.js'
import { headObject } from './operations/head-object.js'
import { listBuckets } from './operations/list-buckets.js'
import { listDirectoryBuckets } from './operations/list-directory-buckets.js'
import { listMultipartUploads } from './operations/list-multipart-uploads.js'
import { listObjectVersions } from './operations/list-object-versions.js'
import { listObjects } from './operations/list-objects.js'
import { listObjectsInArchive } from './operations/list-objects-in-archive.js'
import { listObjectsV2 } from './operations/list-objects-v2.js'
import { listParts } from './operations/list-parts.js'
import { listenNotification } from './operations/listen-notification.js'
import * as unset from './operations/neutral.js'
import { postObject } from './operations/post-object.js'
import { preflight } from './operations/preflight.js'
import { putBucketCors } from './operations/put-bucket-cors.js'
import { putBucketLifecycle } from './operations/put-bucket-lifecycle.js'
import { putBucketNotificationConfiguration } from './operations/put-bucket-notification-configuration.js'
import { putBucketPolicy } from './operations/put-bucket-policy.js'
import { putBucketReplication } from './operations/put-bucket-replication.js'
import { putBucketTagging } from './operations/put-bucket-tagging.js'
import { putBucketVersioning } from './operations/put-bucket-versioning.js'
import { putObject } from './operations/put-object.js'
import { putObjectFanOut } from './operations/put-object-fan-out.js'
import { putObjectLegalHold } from './operations/put-object-legal-hold.js'
import { putObjectLockConfiguration } from './operations/put-object-lock-configuration.js'
import { putObjectRetention } from './operations/put-object-retention.js'
import { putObjectTagging } from './operations/put-object-tagging.js'
import { putReplicas } from './operations/put-replicas.js'
import { getObjectFromArchive, headObjectFromArchive } from './operations/read-from-archive.js'
import { renameObject } from './operations/rename-object.js'
import { resetReplication } from './operations/reset-replication.js'
import { securityTokenService } from './operations/security-token-service.js'
import { uploadPart } from './operations/upload-part.js'
import { uploadPartCopy } from './operations/upload-part-copy.js'
import { type Alias, type Row, row } from './route.js'
import type { S3OperationName } from './s3-operation-names.js'
import {
  later,
  laterEverywhere,
  neutral,
  neutralEverywhere,
  served,
  servedInExpress,
  servedOutsideExpress,
  unknownToS3,
  unsupported,
  unsupportedRead,
} from './surface.js'

const usePolicies = 'Use bucket policies instead.'
const useProxy = 'Use a web server such as caddy or nginx in front of it instead.'
const useNotifications = 'Use bucket notifications instead.'

/** What a write of an object may ask for beside the object. */
const lockingMore = [
  onlyIf('with a retention', 's3:PutObjectRetention'),
  onlyIf('with a legal hold', 's3:PutObjectLegalHold'),
] as const
/** Whoever brings a version of another store may say what nobody else may, and its tags by a right of their own. */
const replicating = [
  onlyIf('as a replica', 's3:ReplicateObject'),
  onlyIf('as a replica with tags', 's3:ReplicateTags'),
  asks('s3:BypassGovernanceRetention'),
] as const
const writing = [
  's3:PutObject',
  onlyIf('with tags', 's3:PutObjectTagging'),
  ...replicating,
  ...lockingMore,
  onlyIf('if an ETag matches', 's3:GetObject'),
] as const
/** Of each version in a list, which is let in as its PUT would be. */
const replicatingEach = [
  asks('s3:PutObject', 'each'),
  ...[...replicating, ...lockingMore].map(ofEach),
] as const
/** A form's object is that of its field. */
const ofForm = (needs: readonly ReturnType<typeof onlyIf>[]) =>
  needs.map((need) => ({ ...need, of: 'object' as const }))
/** Tags are copied by whoever may read them there and write them here. */
const copying = [
  's3:PutObject',
  ofSource('s3:GetObject'),
  onlyIf('with other tags', 's3:PutObjectTagging'),
  ...replicating,
  ...lockingMore,
  onlyIf('if an ETag matches', 's3:GetObject'),
  asks('s3:GetObjectTagging', 'source'),
  asks('s3:PutObjectTagging'),
] as const
/** Who may not read how a version is locked, and how many tags it has, is not told. */
const reading = [
  's3:GetObject',
  asks('s3:GetObjectRetention'),
  asks('s3:GetObjectLegalHold'),
  asks('s3:GetObjectTagging'),
] as const
const question = openToAll(
  'A browser asks without credentials whether a page may do something; it learns of CORS alone.',
)

/**
 * THE table: every operation of S3, how it is recognised, the right it needs, and what each profile does with it.
 * Router, authorisation, documents and tests read it. A missing operation does not compile.
 */
// biome-ignore format: a row a line.
const s3Operations = {
  // Buckets
  ListBuckets: row('GET /', ['s3:ListAllMyBuckets', asks('s3:ListBucket', 'each')], served(listBuckets)),
  CreateBucket: row('PUT /{b}', ['s3:CreateBucket', onlyIf('with object lock', 's3:PutBucketObjectLockConfiguration'), onlyIf('with object lock', 's3:PutBucketVersioning'), asks('s3:PutBucketTagging')], served(createBucket), createBucketDocument),
  HeadBucket: row('HEAD /{b}', 's3:ListBucket', served(headBucket)),
  DeleteBucket: row('DELETE /{b}', 's3:DeleteBucket', served(deleteBucket)),
  GetBucketLocation: row('GET /{b}?location', 's3:GetBucketLocation', served(getBucketLocation)),
  GetBucketAccelerateConfiguration: row('GET /{b}?accelerate', 's3:GetAccelerateConfiguration', neutral(unset.emptyAccelerate)),
  PutBucketAccelerateConfiguration: row('PUT /{b}?accelerate', 's3:PutAccelerateConfiguration', unsupported()),
  GetBucketRequestPayment: row('GET /{b}?requestPayment', 's3:GetBucketRequestPayment', neutral(unset.ownerPaysRequests)),
  PutBucketRequestPayment: row('PUT /{b}?requestPayment', 's3:PutBucketRequestPayment', unsupported()),
  GetBucketAbac: row('GET /{b}?abac', 's3:GetBucketAbac', neutral(unset.abacDisabled)),
  PutBucketAbac: row('PUT /{b}?abac', 's3:PutBucketAbac', later),

  // Listing
  ListObjects: row('GET /{b}', 's3:ListBucket', servedOutsideExpress(listObjects)),
  ListObjectsV2: row('GET /{b}?list-type', 's3:ListBucket', served(listObjectsV2)),
  ListObjectVersions: row('GET /{b}?versions', 's3:ListBucketVersions', servedOutsideExpress(listObjectVersions)),

  // Objects
  PutObject: row('PUT /{b}/{k}', writing, served(putObject)),
  GetObject: row('GET /{b}/{k}', reading, served(getObject)),
  HeadObject: row('HEAD /{b}/{k}', reading, served(headObject)),
  DeleteObject: row('DELETE /{b}/{k}', ['s3:DeleteObject', onlyIf('as a replica', 's3:ReplicateDelete'), onlyIf('with a legal hold', 's3:PutObjectLegalHold'), onlyIf('if an ETag matches', 's3:GetObject'), asks('s3:BypassGovernanceRetention')], served(deleteObject)),
  DeleteObjects: row('POST /{b}?delete', [asks('s3:DeleteObject', 'each'), asks('s3:GetObject', 'each'), asks('s3:BypassGovernanceRetention', 'each')], served(deleteObjects)),
  CopyObject: row('PUT /{b}/{k} +x-amz-copy-source', copying, served(copyObject)),
  GetObjectAttributes: row('GET /{b}/{k}?attributes', ['s3:GetObjectAttributes', 's3:GetObject'], served(getObjectAttributes)),
  GetObjectTorrent: row('GET /{b}/{k}?torrent', 's3:GetObjectTorrent', later),
  RestoreObject: row('POST /{b}/{k}?restore', 's3:RestoreObject', later),
  SelectObjectContent: row('POST /{b}/{k}?select', 's3:GetObject', later),
  WriteGetObjectResponse: row('POST /{b} +x-amz-request-route', [ofNothing('s3-object-lambda:WriteGetObjectResponse')], later),
  UpdateObjectEncryption: row('PUT /{b}/{k}?encryption', 's3:UpdateObjectEncryption', laterEverywhere),
  RenameObject: row('PUT /{b}/{k}?renameObject', ['s3:PutObject', ofSource('s3:GetObject'), ofSource('s3:DeleteObject')], servedInExpress(renameObject)),

  // Multipart uploads
  CreateMultipartUpload: row('POST /{b}/{k}?uploads', writing, served(createMultipartUpload)),
  UploadPart: row('PUT /{b}/{k}?uploadId&partNumber', 's3:PutObject', served(uploadPart)),
  UploadPartCopy: row('PUT /{b}/{k}?uploadId&partNumber +x-amz-copy-source', ['s3:PutObject', ofSource('s3:GetObject')], served(uploadPartCopy)),
  CompleteMultipartUpload: row('POST /{b}/{k}?uploadId', ['s3:PutObject', onlyIf('as a replica', 's3:ReplicateObject'), onlyIf('if an ETag matches', 's3:GetObject')], served(completeMultipartUpload)),
  AbortMultipartUpload: row('DELETE /{b}/{k}?uploadId', 's3:AbortMultipartUpload', served(abortMultipartUpload)),
  ListParts: row('GET /{b}/{k}?uploadId', 's3:ListMultipartUploadParts', served(listParts)),
  ListMultipartUploads: row('GET /{b}?uploads', 's3:ListBucketMultipartUploads', served(listMultipartUploads)),

  // Versioning and object lock
  GetBucketVersioning: row('GET /{b}?versioning', 's3:GetBucketVersioning', servedOutsideExpress(getBucketVersioning)),
  PutBucketVersioning: row('PUT /{b}?versioning', 's3:PutBucketVersioning', servedOutsideExpress(putBucketVersioning)),
  GetObjectLockConfiguration: row('GET /{b}?object-lock', 's3:GetBucketObjectLockConfiguration', servedOutsideExpress(getObjectLockConfiguration)),
  PutObjectLockConfiguration: row('PUT /{b}?object-lock', 's3:PutBucketObjectLockConfiguration', servedOutsideExpress(putObjectLockConfiguration)),
  GetObjectRetention: row('GET /{b}/{k}?retention', 's3:GetObjectRetention', servedOutsideExpress(getObjectRetention)),
  PutObjectRetention: row('PUT /{b}/{k}?retention', ['s3:PutObjectRetention', asks('s3:BypassGovernanceRetention')], servedOutsideExpress(putObjectRetention), retentionDocument),
  GetObjectLegalHold: row('GET /{b}/{k}?legal-hold', 's3:GetObjectLegalHold', servedOutsideExpress(getObjectLegalHold)),
  PutObjectLegalHold: row('PUT /{b}/{k}?legal-hold', 's3:PutObjectLegalHold', servedOutsideExpress(putObjectLegalHold), legalHoldDocument),

  // Tags
  GetBucketTagging: row('GET /{b}?tagging', 's3:GetBucketTagging', servedOutsideExpress(getBucketTagging)),
  PutBucketTagging: row('PUT /{b}?tagging', 's3:PutBucketTagging', servedOutsideExpress(putBucketTagging)),
  DeleteBucketTagging: row('DELETE /{b}?tagging', 's3:PutBucketTagging', servedOutsideExpress(deleteBucketTagging)),
  GetObjectTagging: row('GET /{b}/{k}?tagging', 's3:GetObjectTagging', servedOutsideExpress(getObjectTagging)),
  PutObjectTagging: row('PUT /{b}/{k}?tagging', 's3:PutObjectTagging', servedOutsideExpress(putObjectTagging), taggingDocument),
  DeleteObjectTagging: row('DELETE /{b}/{k}?tagging', 's3:DeleteObjectTagging', servedOutsideExpress(deleteObjectTagging)),

  // Access: ACLs, ownership, public access
  GetBucketAcl: row('GET /{b}?acl', 's3:GetBucketAcl', neutral(unset.bucketAcl)),
  PutBucketAcl: row('PUT /{b}?acl', 's3:PutBucketAcl', unsupported(usePolicies)),
  GetObjectAcl: row('GET /{b}/{k}?acl', 's3:GetObjectAcl', unsupportedRead(unset.objectAcl, usePolicies)),
  PutObjectAcl: row('PUT /{b}/{k}?acl', 's3:PutObjectAcl', unsupported(usePolicies)),
  GetBucketOwnershipControls: row('GET /{b}?ownershipControls', 's3:GetBucketOwnershipControls', unsupportedRead(unset.noOwnershipControls)),
  PutBucketOwnershipControls: row('PUT /{b}?ownershipControls', 's3:PutBucketOwnershipControls', unsupported()),
  DeleteBucketOwnershipControls: row('DELETE /{b}?ownershipControls', 's3:PutBucketOwnershipControls', unsupported()),
  GetPublicAccessBlock: row('GET /{b}?publicAccessBlock', 's3:GetBucketPublicAccessBlock', unsupportedRead(unset.noPublicAccessBlock)),
  PutPublicAccessBlock: row('PUT /{b}?publicAccessBlock', 's3:PutBucketPublicAccessBlock', unsupported()),
  DeletePublicAccessBlock: row('DELETE /{b}?publicAccessBlock', 's3:PutBucketPublicAccessBlock', unsupported()),

  // Lifecycle, replication, notification
  GetBucketLifecycleConfiguration: row('GET /{b}?lifecycle', 's3:GetLifecycleConfiguration', servedOutsideExpress(getBucketLifecycle)),
  PutBucketLifecycleConfiguration: row('PUT /{b}?lifecycle', 's3:PutLifecycleConfiguration', servedOutsideExpress(putBucketLifecycle)),
  GetBucketLifecycle: { sameWireAs: 'GetBucketLifecycleConfiguration' },
  PutBucketLifecycle: { sameWireAs: 'PutBucketLifecycleConfiguration' },
  DeleteBucketLifecycle: row('DELETE /{b}?lifecycle', 's3:PutLifecycleConfiguration', servedOutsideExpress(deleteBucketLifecycle)),
  GetBucketReplication: row('GET /{b}?replication', 's3:GetReplicationConfiguration', servedOutsideExpress(getBucketReplication)),
  PutBucketReplication: row('PUT /{b}?replication', 's3:PutReplicationConfiguration', servedOutsideExpress(putBucketReplication)),
  DeleteBucketReplication: row('DELETE /{b}?replication', 's3:PutReplicationConfiguration', servedOutsideExpress(deleteBucketReplication)),
  GetBucketNotificationConfiguration: row('GET /{b}?notification', 's3:GetBucketNotification', servedOutsideExpress(getBucketNotificationConfiguration)),
  PutBucketNotificationConfiguration: row('PUT /{b}?notification', 's3:PutBucketNotification', servedOutsideExpress(putBucketNotificationConfiguration)),
  GetBucketNotification: { sameWireAs: 'GetBucketNotificationConfiguration' },
  PutBucketNotification: { sameWireAs: 'PutBucketNotificationConfiguration' },

  // Policy, encryption, CORS
  GetBucketPolicy: row('GET /{b}?policy', 's3:GetBucketPolicy', served(getBucketPolicy)),
  PutBucketPolicy: row('PUT /{b}?policy', 's3:PutBucketPolicy', served(putBucketPolicy)),
  DeleteBucketPolicy: row('DELETE /{b}?policy', 's3:DeleteBucketPolicy', served(deleteBucketPolicy)),
  GetBucketPolicyStatus: row('GET /{b}?policyStatus', 's3:GetBucketPolicyStatus', servedOutsideExpress(getBucketPolicyStatus)),
  GetBucketEncryption: row('GET /{b}?encryption', 's3:GetEncryptionConfiguration', neutralEverywhere(unset.noEncryption)),
  PutBucketEncryption: row('PUT /{b}?encryption', 's3:PutEncryptionConfiguration', laterEverywhere),
  DeleteBucketEncryption: row('DELETE /{b}?encryption', 's3:PutEncryptionConfiguration', neutralEverywhere(unset.nothingToDelete)),
  GetBucketCors: row('GET /{b}?cors', 's3:GetBucketCORS', servedOutsideExpress(getBucketCors)),
  PutBucketCors: row('PUT /{b}?cors', 's3:PutBucketCORS', servedOutsideExpress(putBucketCors)),
  DeleteBucketCors: row('DELETE /{b}?cors', 's3:PutBucketCORS', servedOutsideExpress(deleteBucketCors)),

  // Website, logging
  GetBucketWebsite: row('GET /{b}?website', 's3:GetBucketWebsite', neutral(unset.noWebsite)),
  PutBucketWebsite: row('PUT /{b}?website', 's3:PutBucketWebsite', unsupported(useProxy)),
  DeleteBucketWebsite: row('DELETE /{b}?website', 's3:DeleteBucketWebsite', unsupported(useProxy)),
  GetBucketLogging: row('GET /{b}?logging', 's3:GetBucketLogging', unsupportedRead(unset.emptyLogging, useNotifications)),
  PutBucketLogging: row('PUT /{b}?logging', 's3:PutBucketLogging', unsupported(useNotifications)),

  // Analytics, inventory, metrics, intelligent tiering
  GetBucketAnalyticsConfiguration: row('GET /{b}?analytics&id', 's3:GetAnalyticsConfiguration', unsupportedRead(unset.noConfiguration, useNotifications)),
  PutBucketAnalyticsConfiguration: row('PUT /{b}?analytics&id', 's3:PutAnalyticsConfiguration', unsupported(useNotifications)),
  DeleteBucketAnalyticsConfiguration: row('DELETE /{b}?analytics&id', 's3:PutAnalyticsConfiguration', unsupported(useNotifications)),
  ListBucketAnalyticsConfigurations: row('GET /{b}?analytics', 's3:GetAnalyticsConfiguration', neutral(unset.noConfigurations('ListBucketAnalyticsConfigurationResult'))),
  GetBucketInventoryConfiguration: row('GET /{b}?inventory&id', 's3:GetInventoryConfiguration', unsupportedRead(unset.noConfiguration)),
  PutBucketInventoryConfiguration: row('PUT /{b}?inventory&id', 's3:PutInventoryConfiguration', unsupported()),
  DeleteBucketInventoryConfiguration: row('DELETE /{b}?inventory&id', 's3:PutInventoryConfiguration', unsupported()),
  ListBucketInventoryConfigurations: row('GET /{b}?inventory', 's3:GetInventoryConfiguration', neutral(unset.noConfigurations('ListInventoryConfigurationsResult'))),
  GetBucketMetricsConfiguration: row('GET /{b}?metrics&id', 's3:GetMetricsConfiguration', unsupportedRead(unset.noConfiguration, useNotifications)),
  PutBucketMetricsConfiguration: row('PUT /{b}?metrics&id', 's3:PutMetricsConfiguration', unsupported(useNotifications)),
  DeleteBucketMetricsConfiguration: row('DELETE /{b}?metrics&id', 's3:PutMetricsConfiguration', unsupported(useNotifications)),
  ListBucketMetricsConfigurations: row('GET /{b}?metrics', 's3:GetMetricsConfiguration', neutral(unset.noConfigurations('ListMetricsConfigurationsResult'))),
  GetBucketIntelligentTieringConfiguration: row('GET /{b}?intelligent-tiering&id', 's3:GetIntelligentTieringConfiguration', unsupportedRead(unset.noConfiguration)),
  PutBucketIntelligentTieringConfiguration: row('PUT /{b}?intelligent-tiering&id', 's3:PutIntelligentTieringConfiguration', unsupported()),
  DeleteBucketIntelligentTieringConfiguration: row('DELETE /{b}?intelligent-tiering&id', 's3:PutIntelligentTieringConfiguration', unsupported()),
  ListBucketIntelligentTieringConfigurations: row('GET /{b}?intelligent-tiering', 's3:GetIntelligentTieringConfiguration', unsupportedRead(unset.noConfigurations('ListBucketIntelligentTieringConfigurationsOutput'))),

  // Directory buckets
  CreateSession: row('GET /{b}?session', ['s3express:CreateSession', asks('s3:CreateBucket')], servedInExpress(createSession)),
  ListDirectoryBuckets: row('GET / +host^=s3express-control.', ['s3express:ListAllMyDirectoryBuckets', asks('s3:ListBucket', 'each')], servedInExpress(listDirectoryBuckets)),

  // Metadata tables
  CreateBucketMetadataConfiguration: row('POST /{b}?metadataConfiguration', 's3:CreateBucketMetadataTableConfiguration', later),
  GetBucketMetadataConfiguration: row('GET /{b}?metadataConfiguration', 's3:GetBucketMetadataTableConfiguration', later),
  DeleteBucketMetadataConfiguration: row('DELETE /{b}?metadataConfiguration', 's3:DeleteBucketMetadataTableConfiguration', later),
  UpdateBucketMetadataInventoryTableConfiguration: row('PUT /{b}?metadataInventoryTable', 's3:UpdateBucketMetadataInventoryTableConfiguration', later),
  UpdateBucketMetadataJournalTableConfiguration: row('PUT /{b}?metadataJournalTable', 's3:UpdateBucketMetadataJournalTableConfiguration', later),
  CreateBucketMetadataTableConfiguration: row('POST /{b}?metadataTable', 's3:CreateBucketMetadataTableConfiguration', later),
  GetBucketMetadataTableConfiguration: row('GET /{b}?metadataTable', 's3:GetBucketMetadataTableConfiguration', later),
  DeleteBucketMetadataTableConfiguration: row('DELETE /{b}?metadataTable', 's3:DeleteBucketMetadataTableConfiguration', later),
} as const satisfies Record<S3OperationName, Row | Alias<S3OperationName>>

/** What is no operation of S3's model, and must be recognised all the same so that it never passes for one that is. */
// biome-ignore format: a row a line.
const otherOperations = {
  // On the AIStor page's list
  HeadBucketAcl: row('HEAD /{b}?acl', 's3:GetBucketAcl', unknownToS3('GET, PUT', usePolicies)),
  DeleteBucketAccelerateConfiguration: row('DELETE /{b}?accelerate', 's3:PutAccelerateConfiguration', unknownToS3('GET, PUT')),
  DeleteBucketRequestPayment: row('DELETE /{b}?requestPayment', 's3:PutBucketRequestPayment', unknownToS3('GET, PUT')),

  // Browsers
  PostObject: row('POST /{b}', [ofObject('s3:PutObject'), ...ofForm([...lockingMore, onlyIf('with tags', 's3:PutObjectTagging')])], servedOutsideExpress(postObject)),
  PutObjectFanOut: row('POST /{b} +x-minio-fanout-list', [ofObject('s3:PutObjectFanOut'), asks('s3:PutObjectFanOut', 'each'), asks('s3:PutObject', 'object'), ...ofForm(lockingMore), asks('s3:PutObjectTagging', 'each'), asks('s3:PutObjectRetention', 'each'), asks('s3:PutObjectLegalHold', 'each')], servedOutsideExpress(putObjectFanOut)),
  PreflightService: row('OPTIONS /', question, served(preflight)),
  PreflightBucket: row('OPTIONS /{b}', question, served(preflight)),
  PreflightObject: row('OPTIONS /{b}/{k}', question, served(preflight)),

  // Variants of other operations, told by a header or a query name
  AppendObject: row('PUT /{b}/{k} +x-amz-write-offset-bytes', ['s3:PutObject', onlyIf('if an ETag matches', 's3:GetObject')], servedInExpress(appendObject)),
  PutObjectExtract: row('PUT /{b}/{k} +x-amz-meta-snowball-auto-extract=true', 's3:PutObject', later),
  GetObjectFromArchive: row('GET /{b}/{k} +x-minio-extract=true', [asks('s3:GetObject', 'archive')], servedOutsideExpress(getObjectFromArchive)),
  HeadObjectFromArchive: row('HEAD /{b}/{k} +x-minio-extract=true', [asks('s3:GetObject', 'archive')], servedOutsideExpress(headObjectFromArchive)),
  ListObjectsInArchive: row('GET /{b}?list-type +x-minio-extract=true', ['s3:ListBucket', asks('s3:GetObject', 'archive')], servedOutsideExpress(listObjectsInArchive)),
  ListObjectsV2WithMetadata: row('GET /{b}?list-type&metadata', ['s3:ListBucket', asks('s3:GetObject', 'each'), asks('s3:GetObjectTagging', 'each')], servedOutsideExpress(listObjectsV2)),
  ListObjectVersionsWithMetadata: row('GET /{b}?versions&metadata', ['s3:ListBucketVersions', asks('s3:GetObject', 'each'), asks('s3:GetObjectTagging', 'each')], servedOutsideExpress(listObjectVersions)),
  GetObjectLambda: row('GET /{b}/{k}?lambdaArn', 's3:GetObject', servedOutsideExpress(getObjectLambda)),
  ForceDeleteBucket: row('DELETE /{b} +x-minio-force-delete=true', 's3:ForceDeleteBucket', servedOutsideExpress(forceDeleteBucket)),
  ForceDeleteObject: row('DELETE /{b}/{k} +x-minio-force-delete=true', 's3:DeleteObject', later),
  ForceCreateBucket: row('PUT /{b} +x-minio-force-create=true', 's3:CreateBucket', later),

  // Other extensions
  ListenNotification: row('GET /{b}?events', 's3:ListenBucketNotification', servedOutsideExpress(listenNotification)),
  ListenAllNotification: row('GET /?events', 's3:ListenNotification', servedOutsideExpress(listenNotification)),
  GetReplicationMetrics: row('GET /{b}?replication-metrics', 's3:GetReplicationConfiguration', servedOutsideExpress(getReplicationMetrics)),
  ResetReplication: row('PUT /{b}?replication-reset', 's3:ResetBucketReplicationState', servedOutsideExpress(resetReplication)),
  GetReplicationResetStatus: row('GET /{b}?replication-reset-status', 's3:ResetBucketReplicationState', servedOutsideExpress(getReplicationResetStatus)),
  CancelReplicationReset: row('PUT /{b}?replication-reset-cancel', 's3:ResetBucketReplicationState', servedOutsideExpress(cancelReplicationReset)),
  CheckReplication: row('GET /{b}?replication-check', 's3:GetReplicationConfiguration', servedOutsideExpress(checkReplication)),
  PutReplicas: row('POST /{b}?aquifer-replicas', replicatingEach, servedOutsideExpress(putReplicas)),
  GetObjectAnnotation: row('GET /{b}/{k}?annotation', 's3:GetObject', later),
  PutObjectAnnotation: row('PUT /{b}/{k}?annotation', 's3:PutObject', later),
  DeleteObjectAnnotation: row('DELETE /{b}/{k}?annotation', 's3:DeleteObject', later),
  GetBucketQos: row('GET /{b}?qos', 's3:GetBucketQOS', later),
  PutBucketQos: row('PUT /{b}?qos', 's3:PutBucketQOS', later),
  SecurityTokenService: row('POST /', [asks('sts:AssumeRole')], served(securityTokenService)),
} as const satisfies Record<string, Row>

export const operations = { ...s3Operations, ...otherOperations }

export type OperationName = keyof typeof operations
