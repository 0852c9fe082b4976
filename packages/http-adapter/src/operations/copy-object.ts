import type { CopyOptions, Tags } from '@aquifer/engine'
import { accessDenied } from '../authorization/rights.js'
import { checkCopySourceSize } from '../copy-source-size.js'
import { toldBucket, untoldBucket } from '../events/told-bucket.js'
import { checkExpectedOwner } from '../expected-owner.js'
import type { Call, Operation } from '../operation.js'
import { invalidArgument } from '../s3-error.js'
import { readAttributes, readWebsiteRedirect } from '../wire/attributes.js'
import { readChecksumChoice } from '../wire/checksum-choice.js'
import { readReadConditions, readWriteConditions } from '../wire/conditions.js'
import { readCopySource } from '../wire/copy-source.js'
import { readLockHeaders } from '../wire/object-lock.js'
import { readReplicaFacts } from '../wire/replica.js'
import { readStorageClass } from '../wire/storage-class.js'
import { readTaggingHeader } from '../wire/tagging.js'
import { refuseUnhonouredByWrite } from '../wire/unhonoured-headers.js'
import { copyReply } from './copy-reply.js'
import { mergeReplica } from './merge-replica.js'

export const copyObject: Operation = async (call) => {
  const { target, headers, principal, signal } = call
  refuseUnhonouredByWrite(call)
  const source = readCopySource(headers.get('x-amz-copy-source')!)
  await checkExpectedOwner(call, 'x-amz-source-expected-bucket-owner', source.bucket)
  const facts = readReplicaFacts(call)
  if (facts !== undefined) return mergeReplica(call, source, facts)
  const replaceTags = await readNewTags(call, source)
  const isReplaced = readDirective(headers, 'x-amz-metadata-directive') === 'REPLACE'
  const lock = readLockHeaders(call)
  const conditions = readWriteConditions(headers)
  await checkCopySourceSize(call, source)
  const info = await toldBucket(call).copy(
    { ...source, ...readReadConditions(headers, 'x-amz-copy-source-') },
    target.key,
    {
      ...(isReplaced ? { replace: readAttributes(headers, principal.ownerId) } : readNeverInherited(headers)),
      ...(replaceTags === undefined ? {} : { replaceTags }),
      ...lock,
      ...readChecksumChoice(headers),
      ...conditions,
      signal,
    },
  )
  return copyReply(info)
}

/** Whatever the directive, a copy has no storage class and no redirect but those asked for. */
function readNeverInherited(headers: Call['headers']): Pick<CopyOptions, 'storageClass' | 'websiteRedirect'> {
  const storageClass = readStorageClass(headers)
  const websiteRedirect = readWebsiteRedirect(headers)
  return {
    ...(storageClass === undefined ? {} : { storageClass }),
    ...(websiteRedirect === undefined ? {} : { websiteRedirect }),
  }
}

/**
 * With COPY, the default, tags that the request may carry say nothing. The source's go along if the request may read and
 * write them; if it may not, a source that has any is not copied, and one that gets them meanwhile without.
 */
async function readNewTags(call: Call, source: ReturnType<typeof readCopySource>): Promise<Tags | undefined> {
  const { headers, rights, target, signal } = call
  if (readDirective(headers, 'x-amz-tagging-directive') === 'REPLACE') return readTaggingHeader(headers) ?? {}
  const mayCopy =
    (await rights.may('s3:GetObjectTagging', source)) && (await rights.may('s3:PutObjectTagging', target))
  if (mayCopy) return undefined
  const { bucket, key, ...which } = source
  const { tagCount } = await untoldBucket(call, bucket).head(key, { ...which, signal })
  if (tagCount > 0) throw accessDenied()
  return {}
}

function readDirective(headers: Call['headers'], name: string): 'COPY' | 'REPLACE' {
  const directive = headers.get(name) ?? 'COPY'
  if (directive === 'COPY' || directive === 'REPLACE') return directive
  throw invalidArgument('Unknown directive.', name, directive)
}
