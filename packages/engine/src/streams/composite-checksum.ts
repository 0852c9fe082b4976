import type { ChecksumAlgorithm } from '../contract/integrity.js'
import { createChecksum } from './checksums.js'

/**
 * The composite checksum of a multipart object: the checksum of its parts' raw checksums, and how many there
 * are. Source: S3 User Guide, "Checking object integrity", composite checksums.
 */
export async function compositeChecksum(
  algorithm: ChecksumAlgorithm,
  partDigests: readonly Uint8Array[],
): Promise<string> {
  const checksum = await createChecksum(algorithm)
  return `${Buffer.from(checksum.digestOf(Buffer.concat(partDigests))).toString('base64')}-${partDigests.length}`
}
