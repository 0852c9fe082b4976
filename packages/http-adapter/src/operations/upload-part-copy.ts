import { isEngineError } from '@aquifer/engine'
import { checkCopySourceSize } from '../copy-source-size.js'
import { checkExpectedOwner } from '../expected-owner.js'
import type { Operation } from '../operation.js'
import { invalidArgument } from '../s3-error.js'
import { readCopyRange } from '../wire/byte-range.js'
import { checksumElements } from '../wire/checksums.js'
import { readReadConditions } from '../wire/conditions.js'
import { readCopySource } from '../wire/copy-source.js'
import { refuseUnhonoured } from '../wire/unhonoured-headers.js'
import { readPartNumber, uploadOf } from '../wire/upload-target.js'
import { writeVersionId } from '../wire/version-id.js'
import { date, text, xmlDocument } from '../wire/xml-out.js'

export const uploadPartCopy: Operation = async (call) => {
  const { headers, signal } = call
  refuseUnhonoured(headers)
  const partNumber = readPartNumber(call)
  const source = readCopySource(headers.get('x-amz-copy-source')!)
  await checkExpectedOwner(call, 'x-amz-source-expected-bucket-owner', source.bucket)
  const rangeHeader = headers.get('x-amz-copy-source-range')
  const range = readCopyRange(rangeHeader)
  await checkCopySourceSize(call, source, range?.length)
  const from = { ...source, ...readReadConditions(headers, 'x-amz-copy-source-') }
  const part = await uploadOf(call)
    .copyPart(partNumber, range === undefined ? from : { ...from, range }, { signal })
    .catch((error) => {
      throw isEngineError(error, 'InvalidRange')
        ? invalidArgument(
            `Range specified is not valid for source object of size: ${error.details.sizeBytes}`,
            'x-amz-copy-source-range',
            rangeHeader,
          )
        : error
    })
  return {
    status: 200,
    headers: writeVersionId(part.sourceVersionId, 'x-amz-copy-source-version-id'),
    body: xmlDocument(
      'CopyPartResult',
      date('LastModified', part.lastModified),
      text('ETag', `"${part.etag}"`),
      checksumElements(part.checksums),
    ),
  }
}
