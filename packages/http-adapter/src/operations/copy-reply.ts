import type { CopiedInfo } from '@aquifer/engine'
import { expirationHeader } from '../lifecycle/lifecycle-headers.js'
import type { Reply } from '../operation.js'
import { checksumElements, checksumTypeElement } from '../wire/checksums.js'
import { writeVersionId } from '../wire/version-id.js'
import { date, text, xmlDocument } from '../wire/xml-out.js'

/** What every copy is answered with. */
export const copyReply = (info: CopiedInfo): Reply => ({
  status: 200,
  headers: {
    ...writeVersionId(info.versionId),
    ...writeVersionId(info.sourceVersionId, 'x-amz-copy-source-version-id'),
    ...expirationHeader(info),
  },
  body: xmlDocument(
    'CopyObjectResult',
    date('LastModified', info.lastModified),
    text('ETag', `"${info.etag}"`),
    checksumElements(info.checksums),
    checksumTypeElement(info.checksumType),
  ),
})
