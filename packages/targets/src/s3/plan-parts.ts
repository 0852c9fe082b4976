import type { Checksums, OutgoingVersion } from '@aquifer/engine'

const MIB = 1024 ** 2

/** S3's own: of the parts of an upload, and of the bytes of one request. */
const PARTS_MAX = 10_000
const REQUEST_MAX_BYTES = 5 * 1024 ** 3
/** Bodies up to this size are held, and signed. */
const HELD_MAX_BYTES = MIB
/** Up to this size it is of use that several go in one request. */
const SMALL_MAX_BYTES = 64 * 1024
/** From here on a transfer that breaks off is worth going on with. */
const LARGE_BYTES = 32 * MIB
const PART_BYTES = 16 * MIB

export interface PlannedPart {
  readonly partNumber: number
  readonly offset: number
  readonly length: number
  /** Those that are known of it. */
  readonly checksums: Checksums
}

type Sized = Pick<OutgoingVersion, 'info' | 'parts'>

/** Parts as it was uploaded in make the same ETag and the same checksums there. */
export const partsOf = ({ info, parts = [] }: Sized): NonNullable<OutgoingVersion['parts']> =>
  parts.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0) === info.sizeBytes ? parts : []

export const isHeld = ({ sizeBytes }: Sized['info']): boolean => sizeBytes <= HELD_MAX_BYTES

export const isSmall = ({ sizeBytes }: Sized['info']): boolean => sizeBytes <= SMALL_MAX_BYTES

/**
 * Whether a version goes in parts. One that was uploaded in one piece does from 32 MiB on, but that S3 has no way to keep a
 * digest of such a one, unless it is a CRC: then it goes in one piece, as long as one request may hold it. Of one piece that is
 * locked S3 wants a digest beforehand: where there is none of what is too much to hold, parts need none.
 */
export function goesInParts(version: Sized): boolean {
  const { sizeBytes, checksums, etag, retention, legalHold } = version.info
  if (partsOf(version).length > 0 || sizeBytes > REQUEST_MAX_BYTES) return true
  const algorithms = Object.keys(checksums)
  const isLocked = retention !== undefined || legalHold !== undefined
  const hasDigest = algorithms.length > 0 || /^[0-9a-f]{32}$/.test(etag)
  if (isLocked && !hasDigest && !isHeld(version.info)) return true
  return sizeBytes >= LARGE_BYTES && algorithms.every((algorithm) => algorithm.startsWith('crc'))
}

/** The size of parts that a version of that size is sent in, where it has none of its own. */
export const partSizeFor = (sizeBytes: number): number =>
  Math.max(PART_BYTES, Math.ceil(sizeBytes / PARTS_MAX / MIB) * MIB)

/** @param partSizeBytes Where the version has no parts of its own. */
export function planParts(version: Sized, partSizeBytes: number): PlannedPart[] {
  const own = partsOf(version)
  let offset = 0
  if (own.length > 0)
    return own.map(({ partNumber, sizeBytes: length, checksums }) => {
      const part = { partNumber, offset, length, checksums }
      offset += length
      return part
    })
  const parts: PlannedPart[] = []
  for (; offset < version.info.sizeBytes; offset += partSizeBytes) {
    const length = Math.min(partSizeBytes, version.info.sizeBytes - offset)
    parts.push({ partNumber: parts.length + 1, offset, length, checksums: {} })
  }
  return parts
}
