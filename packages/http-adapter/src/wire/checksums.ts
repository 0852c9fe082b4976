import type { ChecksumAlgorithm, Checksums, ChecksumType } from '@aquifer/engine'
import { element, text } from './xml-out.js'

interface ChecksumSpelling {
  /** As in `x-amz-checksum-algorithm`. */
  readonly label: string
  readonly header: string
  /** As an XML element. */
  readonly element: string
  /** Of the digest itself. */
  readonly sizeBytes: number
}

const spelling = (label: string, sizeBytes: number): ChecksumSpelling => ({
  label,
  header: `x-amz-checksum-${label.toLowerCase()}`,
  element: `Checksum${label}`,
  sizeBytes,
})

/** How S3 spells each algorithm. */
export const checksumSpellings: Readonly<Record<ChecksumAlgorithm, ChecksumSpelling>> = {
  crc32: spelling('CRC32', 4),
  crc32c: spelling('CRC32C', 4),
  crc64nvme: spelling('CRC64NVME', 8),
  sha1: spelling('SHA1', 20),
  sha256: spelling('SHA256', 32),
  sha512: spelling('SHA512', 64),
  md5: spelling('MD5', 16),
  xxhash64: spelling('XXHASH64', 8),
  xxhash3: spelling('XXHASH3', 8),
  xxhash128: spelling('XXHASH128', 16),
}

export const checksumAlgorithms = Object.keys(checksumSpellings) as ChecksumAlgorithm[]

const byHeader = new Map(
  checksumAlgorithms.map((algorithm) => [checksumSpellings[algorithm].header, algorithm]),
)
const byLabel = new Map(
  checksumAlgorithms.map((algorithm) => [checksumSpellings[algorithm].label, algorithm]),
)

export const algorithmOfHeader = (header: string): ChecksumAlgorithm | undefined => byHeader.get(header)
export const algorithmOfLabel = (label: string): ChecksumAlgorithm | undefined =>
  byLabel.get(label.toUpperCase())

/** Whether a text is base64 of a digest of this algorithm. */
export function isChecksumValue(algorithm: ChecksumAlgorithm, value: string): boolean {
  const bytes = Buffer.from(value, 'base64')
  return bytes.length === checksumSpellings[algorithm].sizeBytes && bytes.toString('base64') === value
}

const typeLabels: Readonly<Record<ChecksumType, string>> = {
  composite: 'COMPOSITE',
  'full-object': 'FULL_OBJECT',
}

export const checksumTypeLabel = (type: ChecksumType): string => typeLabels[type]

export function checksumTypeOfLabel(label: string): ChecksumType | undefined {
  if (label === typeLabels.composite) return 'composite'
  return label === typeLabels['full-object'] ? 'full-object' : undefined
}

export interface Checksummed {
  readonly checksums: Checksums
  readonly checksumType?: ChecksumType
}

/** The headers that tell a stored checksum. */
export function writeChecksumHeaders({ checksums, checksumType }: Checksummed): Record<string, string> {
  const headers: Record<string, string> = {}
  for (const algorithm of algorithmsIn(checksums))
    headers[checksumSpellings[algorithm].header] = checksums[algorithm]!
  if (checksumType !== undefined && Object.keys(headers).length > 0)
    headers['x-amz-checksum-type'] = checksumTypeLabel(checksumType)
  return headers
}

/** `ChecksumCRC32` and its like. */
export const checksumElements = (checksums: Checksums): string =>
  algorithmsIn(checksums)
    .map((algorithm) => text(checksumSpellings[algorithm].element, checksums[algorithm]!))
    .join('')

export const checksumTypeElement = (type: ChecksumType | undefined): string =>
  type === undefined ? '' : `<ChecksumType>${checksumTypeLabel(type)}</ChecksumType>`

/** `ChecksumAlgorithm` and `ChecksumType`, as listings show them. */
export function checksumSummary(
  algorithms: readonly ChecksumAlgorithm[],
  checksumType: ChecksumType | undefined,
): string {
  let xml = ''
  for (const algorithm of algorithms) xml += algorithmElements[algorithm]
  return xml === '' ? '' : xml + checksumTypeElement(checksumType)
}

const algorithmElements = Object.fromEntries(
  checksumAlgorithms.map((algorithm) => [
    algorithm,
    element('ChecksumAlgorithm', checksumSpellings[algorithm].label),
  ]),
) as Record<ChecksumAlgorithm, string>

export const algorithmsIn = (checksums: Checksums): ChecksumAlgorithm[] =>
  (Object.keys(checksums) as ChecksumAlgorithm[]).filter((algorithm) => checksums[algorithm] !== undefined)
