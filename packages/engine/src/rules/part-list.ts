import { createHash } from 'node:crypto'
import type { CompletedPart } from '../contract/multipart.js'
import { EngineError } from '../errors.js'
import { limits } from '../limits.js'

/** In ascending order; where a number stands twice, the last entry counts. Source: what S3 answers to CompleteMultipartUpload. */
export function putInOrder(parts: readonly CompletedPart[], uploadId: string): CompletedPart[] {
  if (parts.length === 0)
    throw new EngineError('InvalidPart', 'A completion names at least one part.', { uploadId, partNumber: 0 })
  const ordered: CompletedPart[] = []
  for (const part of parts) {
    const before = ordered.at(-1)?.partNumber ?? 0
    if (part.partNumber < before)
      throw new EngineError('InvalidPartOrder', 'The parts are not listed in ascending order.', { uploadId })
    if (part.partNumber === before) ordered.pop()
    ordered.push(part)
  }
  return ordered
}

/**
 * The stored part that an entry of the list means.
 * @throws {@link EngineError} `InvalidPart`, `EntityTooSmall`. Source: S3 API Reference, CompleteMultipartUpload.
 */
export function choosePart<
  T extends { readonly record: { readonly etag: string; readonly sizeBytes: number } },
>(listed: CompletedPart, stored: T | undefined, isLast: boolean, uploadId: string): T {
  const { partNumber } = listed
  const etag = unquoted(listed.etag)
  if (stored === undefined || stored.record.etag !== etag)
    throw new EngineError('InvalidPart', `Part ${partNumber} was not uploaded with that ETag.`, {
      uploadId,
      partNumber,
      etag,
    })
  const { sizeBytes } = stored.record
  if (!isLast && sizeBytes < limits.partMinBytes)
    throw new EngineError(
      'EntityTooSmall',
      `Part ${partNumber} has ${sizeBytes} bytes; all but the last have at least ${limits.partMinBytes}.`,
      { partNumber, sizeBytes, minimumBytes: limits.partMinBytes, etag },
    )
  return stored
}

/** Whether the parts together may be an object, and are the size that the caller expects. */
export function checkObjectSize(sizeBytes: number, expected: { readonly sizeBytes?: number }): void {
  if (sizeBytes > limits.objectMaxBytes)
    throw new EngineError(
      'EntityTooLarge',
      `The parts have ${sizeBytes} bytes together; an object has ${limits.objectMaxBytes} at most.`,
      { sizeBytes, maximumBytes: limits.objectMaxBytes },
    )
  if (expected.sizeBytes === undefined || expected.sizeBytes === sizeBytes) return
  const reason = `The parts have ${sizeBytes} bytes together, not ${expected.sizeBytes}.`
  throw new EngineError('InvalidRequest', reason, { reason })
}

/** Tells whether a completion asks the same again. */
export function digestOfPartList(
  bucketId: Uint8Array,
  key: string,
  parts: readonly CompletedPart[],
): Uint8Array {
  // A key holds no NUL, so nothing else can be told apart wrongly.
  const hash = createHash('sha256').update(bucketId).update(key)
  for (const { partNumber, etag } of parts) hash.update(`\0${partNumber} ${unquoted(etag)}`)
  return new Uint8Array(hash.digest())
}

const unquoted = (etag: string): string => etag.replace(/^"(.*)"$/, '$1')
