import type { Call } from '../operation.js'
import { invalidArgument, notImplementedHeader, S3Error } from '../s3-error.js'
import { ofReplicaRemovals, ofReplicaWrites } from './replica.js'

type HeaderView = ReadonlyMap<string, string>

/** Canned ACLs that say what holds anyway where access is given by policies alone. */
const ownerOnly = new Set(['', 'private', 'bucket-owner-full-control'])
const canned = new Set([
  'public-read',
  'public-read-write',
  'authenticated-read',
  'aws-exec-read',
  'bucket-owner-read',
  'log-delivery-write',
])

/** Headers of features that are not built. One that is empty says nothing. */
const notBuilt = ['x-amz-mfa', 'x-amz-if-match-initiated-time', 'x-amz-replication-status']
const notBuiltPrefixes = [
  'x-amz-server-side-encryption',
  'x-amz-copy-source-server-side-encryption',
  'x-minio-source-',
  'x-minio-replication-',
]
/** Said of an object when it is deleted from a directory bucket, which S3 Express mode alone has. */
const ofDeletes = ['x-amz-if-match-size', 'x-amz-if-match-last-modified-time']
/** Said of an object when it is written. Elsewhere they mean nothing, and S3 Express mode has them nowhere. */
const ofWrites = [
  'x-amz-tagging',
  'x-amz-object-lock-mode',
  'x-amz-object-lock-retain-until-date',
  'x-amz-object-lock-legal-hold',
]

const ofWritesAndReplicas = [...ofWrites, ...ofReplicaWrites]
const anywhereRefused = [...notBuilt, ...ofDeletes, ...ofWrites]

/**
 * Refuses what a request asks for and would not get. Silence would be taken for a promise.
 *
 * @param honoured Headers that mean something to this request and nothing to most.
 *
 * @throws {@link S3Error} `AccessControlListNotSupported`, `InvalidArgument`, `InvalidRequest`, `NotImplemented`
 */
export function refuseUnhonoured(headers: HeaderView, honoured: readonly string[] = []): void {
  refuseGrants(headers)
  for (const name of anywhereRefused) {
    if (!headers.get(name) || honoured.includes(name)) continue
    if (name.startsWith('x-amz-object-lock-'))
      throw new S3Error('InvalidRequest', `The header ${name} is not of this request.`)
    throw notImplementedHeader(name)
  }
  for (const [name, value] of headers) {
    if (!name.startsWith('x-') || honoured.includes(name)) continue
    if (value !== '' && notBuiltPrefixes.some((prefix) => name.startsWith(prefix)))
      throw notImplementedHeader(name)
    if (name.startsWith('x-minio-internal-'))
      throw invalidArgument('Your metadata headers are not supported.', name, value)
  }
}

/** The same for what writes an object, or begins to. Of other stores' versions a form says nothing. */
export function refuseUnhonouredByWrite({ headers, settings, posted }: Call): void {
  if (settings.profile === 'express') refuseUnhonoured(headers)
  else refuseUnhonoured(headers, posted === undefined ? ofWritesAndReplicas : ofWrites)
}

/** The same for what deletes an object. */
export const refuseUnhonouredByDelete = ({ headers, settings }: Call): void =>
  refuseUnhonoured(headers, settings.profile === 'express' ? ofDeletes : ofReplicaRemovals)

function refuseGrants(headers: HeaderView): void {
  const acl = headers.get('x-amz-acl') ?? ''
  let granted = false
  for (const name of headers.keys()) granted ||= name.startsWith('x-amz-grant-')
  if (ownerOnly.has(acl) && !granted) return
  if (!ownerOnly.has(acl) && !canned.has(acl)) throw invalidArgument('', 'x-amz-acl', acl)
  throw new S3Error('AccessControlListNotSupported', 'The bucket does not allow ACLs')
}
