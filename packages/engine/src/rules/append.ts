import type { ChecksumAlgorithm, Checksums, ChecksumType, Integrity } from '../contract/integrity.js'
import { EngineError, entityTooLarge } from '../errors.js'
import { limits } from '../limits.js'
import { checkWriteConditions } from './write-conditions.js'

/** An object that bytes are to be added to. */
export interface AppendedTo {
  readonly etag: string
  readonly isDeleteMarker: boolean
  readonly lastModifiedMs: number
  readonly sizeBytes: number
  readonly partCount?: number
  readonly countedParts?: number
  readonly checksums: Checksums
  readonly checksumType?: ChecksumType
}

/**
 * Parts that count: those it was completed from, and one for each append. Copying begins anew.
 * Source: S3 User Guide, "Appending data to objects in directory buckets".
 */
export const countedPartsOf = ({ countedParts, partCount }: AppendedTo): number =>
  countedParts ?? partCount ?? 0

/**
 * Whether bytes may be added to what is there now.
 *
 * @throws {@link EngineError} `PreconditionFailed`, `NoSuchKey`, `InvalidWriteOffset`, `TooManyParts`, `InvalidRequest`.
 */
export function checkAppend(
  { offset, ifMatch, ...given }: { offset?: number; ifMatch?: string } & Integrity,
  current: AppendedTo | undefined,
  target: { readonly bucket: string; readonly key: string },
): void {
  if (offset !== undefined && !(Number.isSafeInteger(offset) && offset >= 0))
    throw new RangeError(`An offset is a whole number of bytes, not ${offset}.`)
  checkWriteConditions(ifMatch === undefined ? {} : { ifMatch }, current, target)
  const sizeBytes = current?.sizeBytes ?? 0
  if (offset !== undefined && offset !== sizeBytes)
    throw new EngineError(
      'InvalidWriteOffset',
      `"${target.key}" has ${sizeBytes} bytes, so that nothing can be appended at ${offset}.`,
      { offset, sizeBytes },
    )
  if (current === undefined) return
  const partCount = countedPartsOf(current)
  if (partCount >= limits.partNumberMax)
    throw new EngineError('TooManyParts', `"${target.key}" has ${partCount} parts, and may have no more.`, {
      partCount,
      maximum: limits.partNumberMax,
    })
  if (current.checksumType === 'composite' || given.checksumType === 'composite')
    throw refused('A composite checksum cannot go on with bytes that are appended.')
  const other = otherAlgorithm(given, current)
  if (other !== undefined)
    throw refused(`"${target.key}" has no ${other} checksum, so that none can be given for what is appended.`)
}

export function checkAppendedSize(sizeBytes: number): void {
  if (sizeBytes > limits.objectMaxBytes) throw entityTooLarge(sizeBytes, limits.objectMaxBytes)
}

/** An algorithm that the caller names and that the object, having others, does not. */
function otherAlgorithm(given: Integrity, { checksums }: AppendedTo): string | undefined {
  const known = Object.keys(checksums)
  if (known.length === 0) return undefined
  const named = [...Object.keys(given.checksums ?? {}), given.checksumAlgorithm]
  return named.find((algorithm) => algorithm !== undefined && !known.includes(algorithm))
}

const CRCS = ['crc32', 'crc32c', 'crc64nvme'] as const
export type ContinuedAlgorithm = (typeof CRCS)[number] & ChecksumAlgorithm

/** Those of an object's checksums that can go on over what is added, being CRCs. */
export const continuedAlgorithms = ({ checksums }: Pick<AppendedTo, 'checksums'>): ContinuedAlgorithm[] =>
  CRCS.filter((algorithm) => checksums[algorithm] !== undefined)

const refused = (reason: string): EngineError<'InvalidRequest'> =>
  new EngineError('InvalidRequest', reason, { reason })
