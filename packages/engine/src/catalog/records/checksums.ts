import type { ChecksumAlgorithm, Checksums, ChecksumType } from '../../contract/integrity.js'
import { checksumBytes } from '../../rules/digest-text.js'
import type { RowReader } from './row-reader.js'
import type { RowWriter } from './row-writer.js'

/** The place of an algorithm in this list is its number on disk: add at the end only. */
const algorithms: readonly ChecksumAlgorithm[] = [
  'crc32',
  'crc32c',
  'crc64nvme',
  'sha1',
  'sha256',
  'sha512',
  'md5',
  'xxhash64',
  'xxhash3',
  'xxhash128',
]

/** Raw digests; a composite one (`base64-N`) is followed by its number of parts, any other by 0. */
export function writeChecksums(row: RowWriter, checksums: Checksums): void {
  algorithms.forEach((algorithm, number) => {
    const value = checksums[algorithm]
    if (value === undefined) return
    const dash = value.indexOf('-')
    const digest = Buffer.from(dash === -1 ? value : value.slice(0, dash), 'base64')
    if (digest.byteLength !== checksumBytes[algorithm])
      throw new RangeError(`"${value}" is no ${algorithm} checksum.`)
    row.u8(number)
    row.varint(dash === -1 ? 0 : Number(value.slice(dash + 1)))
    row.bytes(digest)
  })
}

export function readChecksums(row: RowReader): Checksums {
  const checksums: Checksums = {}
  while (!row.done) {
    const algorithm = readAlgorithm(row)
    const parts = row.varint()
    const digest = row.base64(checksumBytes[algorithm])
    checksums[algorithm] = parts === 0 ? digest : `${digest}-${parts}`
  }
  return checksums
}

/** Only the names, for listings. */
export function readChecksumNames(row: RowReader): ChecksumAlgorithm[] {
  const names: ChecksumAlgorithm[] = []
  while (!row.done) {
    const algorithm = readAlgorithm(row)
    row.varint()
    row.skip(checksumBytes[algorithm])
    names.push(algorithm)
  }
  return names
}

export function hasChecksums(checksums: Checksums): boolean {
  return algorithms.some((algorithm) => checksums[algorithm] !== undefined)
}

export function algorithmNumber(algorithm: ChecksumAlgorithm): number {
  return algorithms.indexOf(algorithm)
}

export function readAlgorithm(row: RowReader): ChecksumAlgorithm {
  const number = row.u8()
  const algorithm = algorithms[number]
  if (algorithm === undefined) throw row.corrupt(`it names checksum algorithm ${number}`)
  return algorithm
}

/** Two bits of a record's flags. */
export function checksumTypeBits(type: ChecksumType | undefined): number {
  return type === undefined ? 0 : type === 'composite' ? 1 : 2
}

export function checksumTypeOf(row: RowReader, bits: number): ChecksumType | undefined {
  if (bits === 3) throw row.corrupt('its checksum type is unknown')
  return bits === 0 ? undefined : bits === 1 ? 'composite' : 'full-object'
}
