import { CommandFailure } from '../failure.js'
import type { AdminActionName } from './admin-actions.js'

/** What was asked was understood, and is not done. */
export function refusal(
  name: AdminActionName,
  code: string,
  message: string,
  cause?: unknown,
): CommandFailure {
  const remedy = remedies.get(code)?.(message) ?? helpOf(name)
  return new CommandFailure('refused', message, remedy, { cause })
}

const remedies: ReadonlyMap<string, (message: string) => string | undefined> = new Map([
  ['NoSuchEntity', () => 'The commands "list" of user, key, group and policy tell what there is.'],
  [
    'EntityAlreadyExists',
    (message) =>
      /^The policy/.test(message)
        ? 'Choose another name, or give "--replace" to put this document in its place.'
        : 'Choose another name, or remove that one first.',
  ],
  [
    'AccessDenied',
    () => 'Ask with a key whose policies allow it, such as the root key pair or a user with policy admin.',
  ],
  ['DeleteConflict', () => 'The commands "show" of user, group and policy tell who uses what.'],
  ['NoSuchBucket', () => 'A client of S3 lists the buckets that there are, as "aws s3 ls" does.'],
  ['InvalidBucketState', () => 'Enable versioning of the bucket first, as docs/replication.md shows.'],
  ['NoSuchReplicationTarget', () => '"aquifer replicate list" tells what targets there are.'],
  ['ReplicationTargetRefused', mendTarget],
  ['InvalidRequest', seeWhatIsThere],
])

function seeWhatIsThere(message: string): string | undefined {
  if (/^A resync .* is going on/.test(message))
    return '"aquifer replicate resync --status" tells how far it is, and with --cancel it stops.'
  if (/^No resync .* is going on/.test(message))
    return '"aquifer replicate resync --status" tells of the last one.'
  if (/go there already/.test(message))
    return '"aquifer replicate update" changes the key and the limits of a target. For another rule "aquifer replicate remove" that one first.'
  return undefined
}

function mendTarget(message: string): string {
  if (/configuration allows it/.test(message))
    return 'Allow it where the server is started, by --allow-calls-to or AQUIFER_ALLOW_CALLS_TO, which take addresses and CIDR blocks.'
  if (/certificate|self-signed/i.test(message))
    return "Name your authority's certificate to the server by NODE_EXTRA_CA_CERTS, and start it again."
  if (/SSL|TLS|EPROTO/.test(message)) return 'Say http:// where the target has no TLS.'
  if (/InvalidAccessKeyId|SignatureDoesNotMatch/.test(message))
    return 'Give the access key and the secret key of a user at the target. "aquifer user add" prints them there, once.'
  if (/no versioning enabled/.test(message))
    return 'Enable it there: "aws s3api put-bucket-versioning --bucket … --versioning-configuration Status=Enabled --endpoint-url …".'
  if (/very bucket/.test(message)) return 'Name a bucket of another server, or another bucket of this one.'
  if (/could not be called/.test(message))
    return 'See that a server runs there, and that the address can be reached from where this server runs.'
  return 'Mend that at the target or in what was given, and give the command again. See docs/replication.md for the rights that the key needs.'
}

export const helpOf = (name: AdminActionName): string =>
  `"aquifer ${name.replace('/', ' ').replace(/cancel-/, '')} --help" says what it takes.`
