import type { EngineErrorCode } from '@aquifer/engine'
import { type S3Code, statusOf } from '@aquifer/http-adapter'
import { s3CodeOf } from '../dist/status.js'
import { table } from './operations-document.js'

/** When a code is answered, and what to do about it. A code without a row does not compile. */
const meanings: Readonly<Record<S3Code | EngineErrorCode, readonly [when: string, remedy: string]>> = {
  AccessControlListNotSupported: [
    'a request carries an ACL other than the owner’s',
    'leave it out; use bucket policies',
  ],
  AccessDenied: [
    'no policy allows it, one denies it, or object lock keeps the version',
    '`aquifer policy explain` tells which statement decides; for locks see the version’s retention and legal hold',
  ],
  AccessForbidden: [
    'no CORS rule lets the page’s origin do this',
    'add the origin to the bucket’s CORS rules, or to `--cors-origin`',
  ],
  AuthorizationHeaderMalformed: [
    'the Authorization header is no signature, or names another region or service',
    'sign for the region that the answer names',
  ],
  AuthorizationQueryParametersError: [
    'a presigned URL lacks a parameter, or one is wrong',
    'make the URL with an SDK',
  ],
  BadDigest: [
    'the bytes are not those of the digest or checksum sent',
    'send them again; nothing was stored',
  ],
  BadRequest: ['more was asked for than there may be, such as tags', 'ask for less'],
  BucketAlreadyExists: ['somebody else has a bucket of this name', 'choose another name'],
  BucketAlreadyOwnedByYou: ['you have this bucket already', 'nothing: it is there'],
  BucketNotEmpty: [
    'a bucket to be deleted still holds objects or versions',
    'delete them first, versions and delete markers too',
  ],
  ConditionalRequestConflict: ['two conditional writes of a key met', 'read again and try again'],
  CorruptBlob: [
    'stored bytes are not what was written',
    '`aquifer verify` names the objects; restore them from elsewhere',
  ],
  CorruptRecord: [
    'a record cannot be read',
    '`aquifer verify`; `aquifer rebuild-index` where the index is to blame',
  ],
  DeleteConflict: [
    'a group has members, or a policy is attached or built in',
    'detach or remove those first',
  ],
  EngineClosed: ['the engine is closed or closing', 'open it again; over HTTP try again'],
  EngineLocked: ['another process has the directory', 'stop it, or use another directory'],
  EntityAlreadyExists: ['a user, key, group or policy of this name is there', 'choose another name'],
  EntityTooLarge: [
    'the body is larger than allowed, or than a form’s policy allows',
    'send it in parts, or less of it',
  ],
  EntityTooSmall: [
    'a part that is not the last is under 5 MiB, or a form’s file too small',
    'make the parts larger',
  ],
  EventBacklogFull: [
    'too many events wait for a target, which has writes refused rather than events dropped',
    'see `engine.events.status()`: make the target reachable, or drive or drop what waits; try again',
  ],
  EventsDropped: [
    'a subscriber did not keep up, and events between two times are missing',
    'look at what it follows anew; asking again goes on with what came after',
  ],
  ExpectationFailed: ['`Expect` asks for something else than `100-continue`', 'leave it out'],
  ExpiredToken: ['temporary credentials are over', 'get new ones'],
  FormatTooNew: ['a newer version wrote the store', 'use that version'],
  IdempotencyParameterMismatch: ['a client token was used for another request', 'use a new token for each'],
  IllegalLocationConstraintException: [
    'a bucket is asked for in a region that this server is not in',
    'ask for the server’s region, or for none',
  ],
  IllegalVersioningConfigurationException: [
    'versioning was to be taken back, or is neither enabled nor suspended',
    'suspend it instead',
  ],
  IncompleteBody: ['fewer or more bytes came than were announced', 'send them again; nothing was stored'],
  InternalError: [
    'something is wrong inside; the log has what',
    'try again; if it stays, look at the log by the request’s id',
  ],
  InvalidAccessKeyId: ['there is no such access key, or it is disabled', 'check the key; `aquifer key list`'],
  InvalidArgument: ['a header, parameter or argument is not of its form', 'the message names it'],
  InvalidBucketName: [
    'the name cannot be a bucket’s',
    '3 to 63 lower-case letters, digits, hyphens and dots',
  ],
  InvalidBucketState: [
    'what is asked does not go with the bucket’s versioning or object lock',
    'the message says which',
  ],
  InvalidChecksum: ['a checksum is not of its algorithm’s length', 'send it in base64'],
  InvalidChunkSizeError: ['an aws-chunk other than the last is under 8 KiB', 'use larger chunks'],
  InvalidClientGrantsToken: [
    'the token of another provider of identities is not one that the server takes',
    'the message says why; see security.md, Temporary credentials',
  ],
  InvalidClientTokenId: [
    'the access key or the session token of a request for temporary credentials is not known',
    'check both',
  ],
  InvalidDigest: ['Content-MD5 is no MD5', 'send 16 bytes in base64'],
  InvalidIdentityToken: [
    'the token of another provider of identities is not one that the server takes',
    'the message says why; see security.md, Temporary credentials',
  ],
  InvalidLocationConstraint: [
    'a region is asked for that is none',
    'ask for the server’s region, or for none',
  ],
  InvalidParameterValue: [
    'a parameter of a request for temporary credentials is wrong',
    'the message says which',
  ],
  InvalidPart: ['a completion names a part that is not there, or has another ETag', 'list the parts'],
  InvalidPartNumber: ['the object has no such part', 'ask for 1 up to its number of parts'],
  InvalidPartOrder: ['a completion’s parts do not ascend', 'sort them'],
  InvalidPolicyDocument: ['a form’s policy cannot be read', 'the message says where'],
  InvalidRange: ['the range begins behind the object’s end', 'ask HEAD for its size'],
  InvalidRedirectLocation: [
    'a website redirect is neither a path nor a URL',
    'begin it with `/`, `http://` or `https://`',
  ],
  InvalidRequest: ['what is asked for contradicts itself, or the bucket', 'the message says how'],
  InvalidRetentionPeriod: [
    'a default retention is longer than allowed, or no time at all',
    'give days or years within the bounds',
  ],
  InvalidStorageClass: ['there is no such storage class', 'leave it out'],
  InvalidTag: [
    'a tag is too long, holds what it may not, or there are too many',
    'at most 10 for an object, names of 128 and values of 256 characters',
  ],
  InvalidToken: [
    'a session token is not the key’s; a function behind Object Lambda answered with another token',
    'send the token with the key it belongs to; have the function send `outputToken` back',
  ],
  InvalidURI: ['a path or query cannot be decoded', 'encode it as UTF-8 in percent'],
  InvalidWriteOffset: [
    'bytes are to be appended elsewhere than at the object’s end',
    'ask HEAD for its size',
  ],
  KeyTooLongError: ['a key has more than 1,024 bytes', 'use a shorter one'],
  LambdaARNInvalid: ['`lambdaArn` is no ARN of a function', '`arn:minio:s3-object-lambda:REGION:ID:TYPE`'],
  LambdaARNNotFound: [
    'no function has this ID and type',
    'configure it: `AQUIFER_LAMBDA_WEBHOOK_ENDPOINT_ID`',
  ],
  LambdaFunctionStatusError: ['a function wants a status forwarded that is none', 'have it send 200 to 599'],
  LambdaInvocationFailed: [
    'a function could not be called',
    'the log says why; see `--allow-calls-to` for one on this machine',
  ],
  LambdaTimeout: ['a function was silent for too long', 'make it quicker, or `--lambda-timeout` longer'],
  LimitExceeded: ['there are as many keys, sessions, groups or policies as there may be', 'remove some'],
  MalformedPOSTRequest: ['a form, or its fan-out list, cannot be read', 'the message says why'],
  MalformedPolicy: ['a policy is none', 'the message says where; see policies.md'],
  MalformedPolicyDocument: [
    'the policy of a session is none that can be honoured',
    'the message says where it is wrong; see policies.md',
  ],
  MalformedTrailerError: [
    'the trailer behind an aws-chunked body is not as announced',
    'use an SDK, or send the checksum as a header',
  ],
  MalformedXML: ['a document is not XML, or not of its schema', 'compare it with the API’s'],
  MaxMessageLengthExceeded: ['a document is too long', 'send less of it'],
  MaxPostPreDataLengthExceeded: ['a form has too much before its file', 'put less into its fields'],
  MetadataTooLarge: ['names and values of metadata take more than 2 KiB', 'attach less'],
  MethodNotAllowed: [
    'S3 has no such method here, or the version is a delete marker',
    'the answer’s Allow says which there are',
  ],
  MissingContentMD5: ['lifecycle rules came without a digest', 'send Content-MD5 or a checksum'],
  MissingContentLength: [
    'the length of a body must be known beforehand',
    'send Content-Length, or x-amz-decoded-content-length',
  ],
  MissingParameter: ['a request for temporary credentials lacks a parameter', 'the message says which'],
  NoSuchBucket: ['there is no such bucket', 'create it, or check its name'],
  NoSuchBucketPolicy: ['the bucket has no policy', 'nothing: that is the answer'],
  NoSuchCORSConfiguration: ['the bucket has no CORS rules', 'nothing: that is the answer'],
  NoSuchConfiguration: ['the bucket has no such configuration', 'nothing: that is the answer'],
  NoSuchEntity: ['there is no such user, key, group or policy', 'check its name'],
  NoSuchKey: [
    'there is no such object',
    'check its key; where versions are kept, one may be under a delete marker',
  ],
  NoSuchLifecycleConfiguration: ['the bucket has no lifecycle rules', 'nothing: that is the answer'],
  NoSuchObjectLockConfiguration: [
    'the version has no retention, or no legal hold',
    'nothing: that is the answer',
  ],
  NoSuchPublicAccessBlockConfiguration: [
    'the bucket has no public access block',
    'nothing: that is the answer',
  ],
  NoSuchReplicationTarget: [
    'a rule or a call names no target of this bucket',
    '`aquifer replicate list` shows them',
  ],
  NoSuchStore: ['the directory holds no store', 'check the directory'],
  NoSuchTagSet: ['the bucket has no tags', 'nothing: that is the answer'],
  NoSuchUpload: ['the upload was never begun, or is completed or aborted', 'begin a new one'],
  NoSuchVersion: ['the key has no such version', 'list its versions'],
  NoSuchWebsiteConfiguration: ['the bucket has no website configuration', 'nothing: that is the answer'],
  NotImplemented: [
    'it is not built, or needs encryption keys that are not configured',
    'nothing was stored; see s3-compatibility.md',
  ],
  NotModified: ['what is stored is what the reader has', 'use that'],
  NotSupported: [
    'the profile does not have the operation',
    'the message names what to use instead; another `--profile` may have it',
  ],
  ObjectLockConfigurationNotFoundError: [
    'the bucket has no object lock',
    'it is enabled when a bucket is created, or where versions are kept',
  ],
  OperationAborted: ['others changed the same thing again and again', 'try again'],
  OwnershipControlsNotFoundError: ['the bucket has no ownership controls', 'nothing: that is the answer'],
  PolicyTooLarge: ['a policy is longer than allowed', 'make it shorter, or several'],
  PreconditionFailed: ['a condition of the request does not hold', 'read the object again'],
  ReplicationConfigurationNotFoundError: ['the bucket has no replication', 'nothing: that is the answer'],
  RemoteDestinationNotFoundError: ['the bucket of a replication target is not there', 'create it there'],
  RemoteTargetNotVersionedError: [
    'the bucket of a replication target keeps no versions',
    'enable versioning there',
  ],
  ReplicationDestinationMissingLockError: [
    'the bucket has object lock, and that of a replication target has not',
    'take a bucket there that was created with object lock',
  ],
  ReplicationPermissionCheck: [
    'another store asked whether it may replicate to here: it may',
    'nothing: that is the answer, and nothing was written',
  ],
  ReplicationTargetRefused: [
    'a target of replication is not there, does not let the server in, or has no versions; `details.reason` says which, and over HTTP a code of its own',
    'see to what the message names; `aquifer replicate status` shows every target',
  ],
  RequestHeaderSectionTooLarge: ['the headers are longer than 16 KiB', 'send fewer'],
  RequestTimeTooSkewed: [
    'the client’s clock and the server’s differ by more than 15 minutes',
    'set the clocks',
  ],
  RequestTimeout: ['the body came too slowly', 'try again; see `--least-rate`'],
  STSNotInitialized: [
    'the keys of the provider of identities cannot be had for the moment',
    'try again; the log says why',
  ],
  SealingKeyMismatch: [
    'the sealing key is not the one that the secrets were sealed with',
    'give the right one; see README, Users',
  ],
  SealingKeyMissing: [
    'the store was opened without a sealing key',
    'give one: the `sealing-key` file or `AQUIFER_SEALING_KEY`',
  ],
  ServerSideEncryptionConfigurationNotFoundError: [
    'the bucket has no encryption',
    'nothing: that is the answer',
  ],
  ServiceUnavailable: ['the store cannot serve for the moment', 'try again; `/-/ready` says what is wrong'],
  SignatureDoesNotMatch: [
    'the signature is not that of the request and the key',
    '`aquifer explain-signature`',
  ],
  SlowDown: ['too many wrong signatures came from this address', 'wait, and check the secret key'],
  StorageFull: ['the disk is full', 'delete something, or give it room; deleting still works'],
  StorageUnavailable: [
    'the disk failed; `details.outcome` says whether the write may have happened',
    'try again; look at the disk',
  ],
  StoreDamaged: [
    'acknowledged rows are missing from the journal',
    '`aquifer rebuild-index --accept-loss` goes on with what is left',
  ],
  TooManyParts: ['an object would have more than 10,000 parts or appends', 'copy it, which begins anew'],
  TooManyTargets: [
    'more than one commit holds were to be written all or none',
    'write fewer at once, or without `atomic`',
  ],
  UnsupportedNotification: [
    'a notification configuration has topics or functions',
    'name queues, by the ARNs of the targets that the server has',
  ],
  XAmzContentSHA256Mismatch: [
    'the body is not that of the hash that was signed',
    'send it again; nothing was stored',
  ],
  XMinioAdminRemoteARNTypeInvalid: ['the ARN is of no replication target', '`aquifer replicate list`'],
  XMinioAdminRemoteArnInvalid: [
    'a rule of replication names a bucket, or nothing, where the ARN of a target stands',
    '`aquifer replicate add` makes a target and tells its ARN',
  ],
  XMinioAdminRemoteIdenticalToSource: ['a bucket was to be replicated to itself', 'name another bucket'],
  XMinioAdminRemoteTargetNotFoundError: [
    'the bucket has no replication target of this ARN',
    '`aquifer replicate list`',
  ],
  XMinioAdminReplicationRemoteConnectionError: [
    'a replication target cannot be reached, or does not let us in',
    'the message says which; see `aquifer replicate status`',
  ],
  XMinioHealNotImplemented: [
    'a client of AIStor’s administration asks for healing',
    'nothing: every object is kept once; `aquifer verify` finds damage',
  ],
  XMinioLDAPNotEnabled: ['credentials are asked for by LDAP', 'there is none here: use a web identity'],
  XMinioInvalidLifecycleParameter: ['`withUpdatedAt` is no truth value', 'send `true` or `false`'],
  XMinioReplicationNoExistingObjects: [
    'a resync is asked for, and no rule to the target is for objects that were there before it',
    'enable ExistingObjectReplication in a rule',
  ],
  XMinioStorageFull: ['the disk is full', 'delete something, or give it room; deleting still works'],
}

/** `docs/errors.md`, from the tables of codes. */
export function errorsDocument(): string {
  const rows = Object.entries(meanings)
    .sort(([one], [other]) => (one < other ? -1 : 1))
    .map(([code, [when, remedy]]) => [`\`${code}\``, answerOf(code), when, remedy])
  return `# Errors

Written from \`packages/http-adapter/test/errors-document.ts\` and the table of statuses by \`node scripts/write-operations.mjs\`; a test
compares the two. A program that embeds the engine asks \`isEngineError(error, code)\`; over HTTP the code is in the error document.
Messages are for people, and may be improved any day.

${table(['Code', 'Over HTTP', 'When', 'What to do'], rows)}`
}

function answerOf(code: string): string {
  if (code in statusOf) return String(statusOf[code as S3Code])
  const told = s3CodeOf[code as keyof typeof s3CodeOf]
  return `${statusOf[told]} \`${told}\``
}
