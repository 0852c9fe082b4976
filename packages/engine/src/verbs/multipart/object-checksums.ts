import { Buffer } from 'node:buffer'
import type { PartRecord } from '../../catalog/records/part-record.js'
import type { UploadRecord } from '../../catalog/records/upload-record.js'
import type { ChecksumAlgorithm, Checksums, ChecksumType, Integrity } from '../../contract/integrity.js'
import type { CompletedPart } from '../../contract/multipart.js'
import { EngineError } from '../../errors.js'
import { checksumOfAnother, checksumTypeNames } from '../../rules/multipart-checksum.js'
import { compositeChecksum } from '../../streams/composite-checksum.js'
import { type CrcAlgorithm, combineCrc } from '../../streams/crc-combine.js'

interface Stored {
  readonly partNumber: number
  readonly record: PartRecord
}

/**
 * The finished object's checksum, from those of its parts: no byte is read. An upload begun without an
 * algorithm gets a CRC64NVME of the whole, unless a part was copied from bytes whose CRC nobody knows.
 */
export async function objectChecksums(
  { uploadId, record: upload }: { readonly uploadId: string; readonly record: UploadRecord },
  parts: readonly Stored[],
  listed: readonly CompletedPart[],
  given: Integrity,
): Promise<{ checksums: Checksums; checksumType?: ChecksumType }> {
  const { checksumAlgorithm: algorithm, checksumType } = upload
  if (algorithm === undefined) {
    if (parts.some(({ record }) => record.checksums.crc64nvme === undefined)) return { checksums: {} }
    return { checksums: { crc64nvme: combined('crc64nvme', parts) }, checksumType: 'full-object' }
  }
  if (given.checksumType !== undefined && given.checksumType !== checksumType)
    throw refused(
      `The upload was created using the ${checksumTypeNames[checksumType!]} checksum mode. The complete request must use the same checksum mode.`,
    )
  const other = Object.keys(given.checksums ?? {}).find((name) => name !== algorithm)
  if (other !== undefined) throw checksumOfAnother(algorithm, other)
  if (checksumType === 'composite') checkConsecutive(listed, uploadId)
  listed.forEach((part, at) => {
    checkListed(algorithm, checksumType!, part, parts[at]!.record, uploadId)
  })
  const value =
    checksumType === 'full-object'
      ? combined(algorithm as CrcAlgorithm, parts)
      : await compositeChecksum(
          algorithm,
          parts.map(({ record }) => Buffer.from(record.checksums[algorithm]!, 'base64')),
        )
  const expected = await given.checksums?.[algorithm]
  if (expected !== undefined && expected !== value && expected !== value.replace(/-\d+$/, ''))
    throw new EngineError('BadDigest', `The ${algorithm} given is not that of the parts together.`, {
      algorithm,
      expected,
      calculated: value,
    })
  return { checksums: { [algorithm]: value }, ...(checksumType && { checksumType }) }
}

function combined(algorithm: CrcAlgorithm, parts: readonly Stored[]): string {
  let whole = new Uint8Array(Buffer.from(parts[0]!.record.checksums[algorithm]!, 'base64'))
  for (const { record } of parts.slice(1))
    whole = new Uint8Array(
      combineCrc(algorithm, whole, Buffer.from(record.checksums[algorithm]!, 'base64'), record.sizeBytes),
    )
  return Buffer.from(whole).toString('base64')
}

/** A composite checksum is of all parts, so that none may be missing. Source: S3 User Guide, "Checking object integrity". */
function checkConsecutive(listed: readonly CompletedPart[], uploadId: string): void {
  if (listed.every(({ partNumber }, at) => partNumber === at + 1)) return
  throw new EngineError(
    'InvalidPartOrder',
    'An upload with composite checksums is completed from parts 1, 2, 3 and so on without a gap.',
    { uploadId },
  )
}

/** With composite checksums the list repeats each part's. Source: S3 API Reference, CompleteMultipartUpload. */
function checkListed(
  algorithm: ChecksumAlgorithm,
  type: ChecksumType,
  { partNumber, checksums }: CompletedPart,
  stored: PartRecord,
  uploadId: string,
): void {
  const given = checksums?.[algorithm]
  if (given === undefined) {
    if (type === 'composite')
      throw refused(
        `The upload was created using a ${algorithm} checksum. The complete request must include the checksum for each part. It was missing for part ${partNumber} in the request.`,
      )
    return
  }
  if (given !== stored.checksums[algorithm])
    throw new EngineError('InvalidPart', `Part ${partNumber} was uploaded with another checksum.`, {
      uploadId,
      partNumber,
    })
}

const refused = (reason: string): EngineError => new EngineError('InvalidRequest', reason, { reason })
