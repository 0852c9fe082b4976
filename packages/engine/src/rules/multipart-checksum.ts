import type { ChecksumAlgorithm, Checksums, ChecksumType } from '../contract/integrity.js'
import { EngineError } from '../errors.js'

/** Which types a multipart upload may have with an algorithm, the default first. Source: operations §2.7. */
const types: Record<ChecksumAlgorithm, readonly ChecksumType[]> = {
  crc32: ['composite', 'full-object'],
  crc32c: ['composite', 'full-object'],
  crc64nvme: ['full-object'],
  sha1: ['composite'],
  sha256: ['composite'],
  sha512: ['composite'],
  md5: ['composite'],
  xxhash64: ['composite'],
  xxhash3: ['composite'],
  xxhash128: ['composite'],
}

/** As S3 writes them. */
export const checksumTypeNames: Readonly<Record<ChecksumType, string>> = {
  composite: 'COMPOSITE',
  'full-object': 'FULL_OBJECT',
}

/** The algorithm and type an upload is begun with; nothing where the caller named none. */
export function checkUploadChecksum({
  checksumAlgorithm,
  checksumType,
}: {
  checksumAlgorithm?: ChecksumAlgorithm
  checksumType?: ChecksumType
}): { checksumAlgorithm?: ChecksumAlgorithm; checksumType?: ChecksumType } {
  if (checksumAlgorithm === undefined) {
    if (checksumType !== undefined) throw refused('A checksum type needs a checksum algorithm.')
    return {}
  }
  const allowed = types[checksumAlgorithm]
  const type = checksumType ?? allowed[0]!
  if (!allowed.includes(type))
    throw refused(
      `The ${checksumTypeNames[type]} checksum type cannot be used with the ${checksumAlgorithm} checksum algorithm.`,
    )
  return { checksumAlgorithm, checksumType: type }
}

/** A checksum that an upload does not have is not taken for one that was verified. */
export const checksumOfAnother = (expected: string, actual: string): EngineError =>
  refused(
    `Checksum Type mismatch occurred, expected checksum Type: ${expected}, actual checksum Type: ${actual}`,
  )

const refused = (reason: string): EngineError => new EngineError('InvalidRequest', reason, { reason })

/**
 * What is computed of a part: the upload's algorithm, or, if it has none, the CRC that the finished object's
 * is combined from. Source: operations §2.7.
 */
export function partChecksums(
  upload: { checksumAlgorithm?: ChecksumAlgorithm },
  given: Checksums<unknown>,
): { also: ChecksumAlgorithm[] } {
  const expected = upload.checksumAlgorithm
  if (expected === undefined) return { also: ['crc64nvme'] }
  const other = Object.keys(given).find((algorithm) => algorithm !== expected)
  if (other !== undefined) throw checksumOfAnother(expected, other)
  return { also: [expected] }
}
