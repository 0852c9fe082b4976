import { Buffer } from 'node:buffer'
import type { Body } from '../catalog/records/body.js'
import type { ChecksumAlgorithm } from '../contract/integrity.js'
import { createChecksum } from '../streams/checksums.js'
import type { Works } from '../works.js'
import { readExtents } from './read-extents.js'
import type { Stretch } from './stored-bytes.js'

/** The checksum, in base64, of a stretch of a body that lies in blobs. The caller holds a pin on the body. */
export async function checksumOf(
  works: Works,
  body: Body,
  stretch: Stretch,
  algorithm: ChecksumAlgorithm,
  signal?: AbortSignal,
): Promise<string> {
  const checksum = await createChecksum(algorithm)
  for await (const chunk of readExtents(works, body, stretch, { borrows: true, ...(signal && { signal }) }))
    checksum.update(chunk)
  return Buffer.from(checksum.digest()).toString('base64')
}
