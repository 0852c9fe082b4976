import type { CopyOptions, Tags } from '@aquifer/engine'
import { checkCopySourceSize } from '../copy-source-size.js'
import { checkExpectedOwner } from '../expected-owner.js'
import type { Call, Operation } from '../operation.js'
import { invalidArgument } from '../s3-error.js'
import { actionOn } from '../version-actions.js'
import { readAttributes, readWebsiteRedirect } from '../wire/attributes.js'
import { readChecksumChoice } from '../wire/checksum-choice.js'
import { checksumElements, checksumTypeElement } from '../wire/checksums.js'
import { authorizeIfMatch, readReadConditions, readWriteConditions } from '../wire/conditions.js'
import { readCopySource } from '../wire/copy-source.js'
import { readLockHeaders } from '../wire/object-lock.js'
import { readStorageClass } from '../wire/storage-class.js'
import { authorizeTags, readTaggingHeader } from '../wire/tagging.js'
import { refuseUnhonouredByWrite } from '../wire/unhonoured-headers.js'
import { writeVersionId } from '../wire/version-id.js'
import { date, text, xmlDocument } from '../wire/xml-out.js'

export const copyObject: Operation = async (call) => {
  const { engine, target, headers, principal, signal } = call
  refuseUnhonouredByWrite(call)
  const source = readCopySource(headers.get('x-amz-copy-source')!)
  await checkExpectedOwner(call, 'x-amz-source-expected-bucket-owner', source.bucket)
  await call.authorize(actionOn('s3:GetObject', source), source)
  const replaceTags = await readNewTags(call)
  const isReplaced = readDirective(headers, 'x-amz-metadata-directive') === 'REPLACE'
  const lock = await readLockHeaders(call)
  const conditions = readWriteConditions(headers)
  await authorizeIfMatch(call, conditions, target.key)
  await checkCopySourceSize(call, source)
  const info = await engine
    .bucket(target.bucket)
    .copy({ ...source, ...readReadConditions(headers, 'x-amz-copy-source-') }, target.key, {
      ...(isReplaced ? { replace: readAttributes(headers, principal.ownerId) } : readNeverInherited(headers)),
      ...(replaceTags === undefined ? {} : { replaceTags }),
      ...lock,
      ...readChecksumChoice(headers),
      ...conditions,
      signal,
    })
  return {
    status: 200,
    headers: {
      ...writeVersionId(info.versionId),
      ...writeVersionId(info.sourceVersionId, 'x-amz-copy-source-version-id'),
    },
    body: xmlDocument(
      'CopyObjectResult',
      date('LastModified', info.lastModified),
      text('ETag', `"${info.etag}"`),
      checksumElements(info.checksums),
      checksumTypeElement(info.checksumType),
    ),
  }
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

/** With COPY, the default, tags that the request may carry say nothing. */
async function readNewTags(call: Call): Promise<Tags | undefined> {
  if (readDirective(call.headers, 'x-amz-tagging-directive') === 'COPY') return undefined
  await authorizeTags(call)
  return readTaggingHeader(call.headers) ?? {}
}

function readDirective(headers: Call['headers'], name: string): 'COPY' | 'REPLACE' {
  const directive = headers.get(name) ?? 'COPY'
  if (directive === 'COPY' || directive === 'REPLACE') return directive
  throw invalidArgument('Unknown directive.', name, directive)
}
