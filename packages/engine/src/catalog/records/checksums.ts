import type { ChecksumAlgorithm, Checksums, ChecksumType } from '../../contract/integrity.js'
import type { RowReader } from './row-reader.js'
import type { RowWriter } from './row-writer.js'

/** The place of an algorithm in this list is its number on disk: add at the end only. */
const algorithms: readonly (readonly [ChecksumAlgorithm, digestBytes: number])[] = [
  ['crc32', 4],
  ['crc32c', 4],
  ['crc64nvme', 8],
  ['sha1', 20],
  ['sha256', 32],
  ['sha512', 64],
  ['md5', 16],
  ['xxhash64', 8],
  ['xxhash3', 8],
  ['xxhash128', 16],
]

/** Raw digests; a composite one (`base64-N`) is followed by its number of parts, any other by 0. */
export function writeChecksums(row: RowWriter, checksums: Checksums): void {
  algorithms.forEach(([algorithm, digestBytes], number) => {
    const value = checksums[algorithm]
    if (value === undefined) return
    const dash = value.indexOf('-')
    const digest = Buffer.from(dash === -1 ? value : value.slice(0, dash), 'base64')
    if (digest.byteLength !== digestBytes) throw new RangeError(`"${value}" is no ${algorithm} checksum.`)
    row.u8(number)
    row.varint(dash === -1 ? 0 : Number(value.slice(dash + 1)))
    row.bytes(digest)
  })
}

export function readChecksums(row: RowReader): Checksums {
  const checksums: Checksums = {}
  while (!row.done) {
    const [algorithm, digestBytes] = knownAlgorithm(row, row.u8())
    const parts = row.varint()
    const digest = row.base64(digestBytes)
    checksums[algorithm] = parts === 0 ? digest : `${digest}-${parts}`
  }
  return checksums
}

/** Only the names, for listings. */
export function readChecksumNames(row: RowReader): ChecksumAlgorithm[] {
  const names: ChecksumAlgorithm[] = []
  while (!row.done) {
    const [algorithm, digestBytes] = knownAlgorithm(row, row.u8())
    row.varint()
    row.skip(digestBytes)
    names.push(algorithm)
  }
  return names
}

export function hasChecksums(checksums: Checksums): boolean {
  return algorithms.some(([algorithm]) => checksums[algorithm] !== undefined)
}

function knownAlgorithm(row: RowReader, number: number): readonly [ChecksumAlgorithm, number] {
  const known = algorithms[number]
  if (known === undefined) throw row.corrupt(`it names checksum algorithm ${number}`)
  return known
}

export function algorithmNumber(algorithm: ChecksumAlgorithm): number {
  return algorithms.findIndex(([name]) => name === algorithm)
}

export function readAlgorithm(row: RowReader): ChecksumAlgorithm {
  return knownAlgorithm(row, row.u8())[0]
}

/** Two bits of a record's flags. */
export function checksumTypeBits(type: ChecksumType | undefined): number {
  return type === undefined ? 0 : type === 'composite' ? 1 : 2
}

export function checksumTypeOf(row: RowReader, bits: number): ChecksumType | undefined {
  if (bits === 3) throw row.corrupt('its checksum type is unknown')
  return bits === 0 ? undefined : bits === 1 ? 'composite' : 'full-object'
}
