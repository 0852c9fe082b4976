import type { ChecksumAlgorithm, ChecksumType } from '@aquifer/engine'
import { S3Error } from '../s3-error.js'
import {
  algorithmOfLabel,
  checksumSpellings,
  checksumTypeElement,
  checksumTypeLabel,
  checksumTypeOfLabel,
} from './checksums.js'
import { text } from './xml-out.js'

export interface ChecksumChoice {
  readonly checksumAlgorithm?: ChecksumAlgorithm
  readonly checksumType?: ChecksumType
}

/**
 * The algorithm and type a multipart upload or a copy is to have. Which pairs there are is the engine's to say.
 *
 * @throws {@link S3Error} `InvalidRequest`
 */
export function readChecksumChoice(headers: ReadonlyMap<string, string>): ChecksumChoice {
  const checksumAlgorithm = readAlgorithm(headers.get('x-amz-checksum-algorithm'))
  const checksumType = readChecksumType(headers)
  if (checksumType !== undefined && checksumAlgorithm === undefined)
    throw new S3Error(
      'InvalidRequest',
      'The x-amz-checksum-type header can only be used with the x-amz-checksum-algorithm header.',
    )
  return {
    ...(checksumAlgorithm === undefined ? {} : { checksumAlgorithm }),
    ...(checksumType === undefined ? {} : { checksumType }),
  }
}

export function readChecksumType(headers: ReadonlyMap<string, string>): ChecksumType | undefined {
  const label = headers.get('x-amz-checksum-type')
  if (label === undefined) return undefined
  const type = checksumTypeOfLabel(label)
  if (type === undefined)
    throw new S3Error('InvalidRequest', 'Value for x-amz-checksum-type header is invalid.')
  return type
}

function readAlgorithm(label: string | undefined): ChecksumAlgorithm | undefined {
  if (label === undefined) return undefined
  const algorithm = algorithmOfLabel(label)
  if (algorithm === undefined)
    throw new S3Error('InvalidRequest', 'Checksum algorithm provided is unsupported.')
  return algorithm
}

export function writeChecksumChoice({
  checksumAlgorithm,
  checksumType,
}: ChecksumChoice): Record<string, string> {
  return {
    ...(checksumAlgorithm === undefined
      ? {}
      : { 'x-amz-checksum-algorithm': checksumSpellings[checksumAlgorithm].label }),
    ...(checksumType === undefined ? {} : { 'x-amz-checksum-type': checksumTypeLabel(checksumType) }),
  }
}

/** The same as elements, for the listings of uploads and of parts. */
export const checksumChoiceElements = ({ checksumAlgorithm, checksumType }: ChecksumChoice): string =>
  (checksumAlgorithm === undefined
    ? ''
    : text('ChecksumAlgorithm', checksumSpellings[checksumAlgorithm].label)) +
  checksumTypeElement(checksumType)
