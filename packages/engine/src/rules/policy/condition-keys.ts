/**
 * The condition keys, and the actions that each is known for. Sources: IAM User Guide, "Global condition keys"; Service
 * Authorization Reference, S3; AIStor's condition keys. `jwt:` and keys that end in `/` are followed by a
 * name.
 */

/** What is known of any request, or of none: what speaks of things that are not here is absent in every request. */
const ofAnyAction = [
  'aws:CurrentTime',
  'aws:EpochTime',
  'aws:Groups',
  'aws:MultiFactorAuthAge',
  'aws:MultiFactorAuthPresent',
  'aws:PrincipalAccount',
  'aws:PrincipalArn',
  'aws:PrincipalIsAWSService',
  'aws:PrincipalOrgID',
  'aws:PrincipalTag/',
  'aws:PrincipalType',
  'aws:Referer',
  'aws:SecureTransport',
  'aws:SourceAccount',
  'aws:SourceArn',
  'aws:SourceIp',
  'aws:SourceVpc',
  'aws:SourceVpce',
  'aws:UserAgent',
  'aws:UserId',
  'aws:Username',
  'aws:ViaAWSService',
  'aws:VpcSourceIp',
  'jwt:',
  's3:TlsVersion',
  's3:authType',
  's3:signatureAge',
  's3:signatureversion',
  's3:x-amz-content-sha256',
]

const existing = [
  's3:DeleteObject',
  's3:DeleteObjectTagging',
  's3:DeleteObjectVersion',
  's3:DeleteObjectVersionTagging',
  's3:GetObject',
  's3:GetObjectAcl',
  's3:GetObjectAttributes',
  's3:GetObjectTagging',
  's3:GetObjectVersion',
  's3:GetObjectVersionAcl',
  's3:GetObjectVersionAttributes',
  's3:GetObjectVersionTagging',
  's3:PutObjectTagging',
  's3:PutObjectVersionTagging',
]
const versioned = [
  's3:DeleteObjectVersion',
  's3:DeleteObjectVersionTagging',
  's3:GetObjectLegalHold',
  's3:GetObjectRetention',
  's3:GetObjectVersion',
  's3:GetObjectVersionAcl',
  's3:GetObjectVersionAttributes',
  's3:GetObjectVersionTagging',
  's3:PutObjectLegalHold',
  's3:PutObjectRetention',
  's3:PutObjectVersionAcl',
  's3:PutObjectVersionTagging',
]
const retention = [
  's3:BypassGovernanceRetention',
  's3:PutObject',
  's3:PutObjectRetention',
  's3:ReplicateObject',
]
const listing = ['s3:ListBucket', 's3:ListBucketVersions']
const tagging = ['s3:PutObject', 's3:PutObjectFanOut', 's3:PutObjectTagging', 's3:PutObjectVersionTagging']
const writing = ['s3:PutObject', 's3:PutObjectFanOut', 's3:ReplicateObject']

const ofSomeActions: Readonly<Record<string, readonly string[]>> = {
  's3:ExistingObjectTag/': existing,
  's3:LocationConstraint': ['s3:CreateBucket'],
  's3:ObjectCreationOperation': ['s3:PutObject'],
  's3:RequestObjectTag/': tagging,
  's3:RequestObjectTagKeys': tagging,
  's3:delimiter': listing,
  's3:if-match': ['s3:DeleteObject', 's3:PutObject'],
  's3:if-none-match': ['s3:PutObject'],
  's3:max-keys': listing,
  's3:object-lock-legal-hold': ['s3:PutObject', 's3:PutObjectLegalHold'],
  's3:object-lock-mode': retention,
  's3:object-lock-remaining-retention-days': retention,
  's3:object-lock-retain-until-date': retention,
  's3:prefix': listing,
  's3:versionid': versioned,
  's3:x-amz-acl': [
    's3:CreateBucket',
    's3:PutBucketAcl',
    's3:PutObject',
    's3:PutObjectAcl',
    's3:PutObjectVersionAcl',
  ],
  's3:x-amz-copy-source': ['s3:PutObject'],
  's3:x-amz-metadata-directive': ['s3:PutObject'],
  's3:x-amz-server-side-encryption': writing,
  's3:x-amz-server-side-encryption-aws-kms-key-id': writing,
  's3:x-amz-server-side-encryption-customer-algorithm': [...writing, 's3:GetObject', 's3:GetObjectVersion'],
  's3:x-amz-storage-class': writing,
  's3express:SessionMode': ['s3express:CreateSession'],
  'sts:DurationSeconds': ['sts:AssumeRole', 'sts:AssumeRoleWithWebIdentity'],
  'svc:DurationSeconds': ['admin:CreateServiceAccount', 'admin:UpdateServiceAccount'],
}

/** Actions in lower case; `undefined`: all of them. */
const actionsOf: ReadonlyMap<string, ReadonlySet<string> | undefined> = new Map([
  ...ofAnyAction.map((name) => [name.toLowerCase(), undefined] as const),
  ...Object.entries(ofSomeActions).map(
    ([name, actions]) =>
      [name.toLowerCase(), new Set(actions.map((action) => action.toLowerCase()))] as const,
  ),
])

/**
 * A condition key as contexts have it: in lower case, for case does not matter in it, but for what follows `/`, which
 * is a tag's name: `S3:ExistingObjectTag/Team` is `s3:existingobjecttag/Team`.
 */
export function contextKey(name: string): string {
  const slash = name.indexOf('/') + 1
  return slash === 0 ? name.toLowerCase() : name.slice(0, slash).toLowerCase() + name.slice(slash)
}

/** Whether conditions of policies can ask for a key. Case does not matter, but in a tag's name. */
export const isConditionKey = (name: string): boolean => actionsOf.has(familyOf(name))

/** @param action In lower case. */
export function isKnownFor(name: string, action: string): boolean {
  return actionsOf.get(familyOf(name))?.has(action) ?? true
}

/** The table's name for a key: itself in lower case, or what stands before a name that is anybody's. */
function familyOf(name: string): string {
  const key = name.toLowerCase()
  const end = key.startsWith('jwt:') ? 'jwt:'.length : key.indexOf('/') + 1
  if (end === 0) return key
  return end === key.length ? '' : key.slice(0, end)
}
