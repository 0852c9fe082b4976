import { S3Error } from '../s3-error.js'

/**
 * A whole body that must fit in memory.
 *
 * @throws {@link S3Error} `MaxMessageLengthExceeded`
 */
export async function readBytes(body: AsyncIterable<Uint8Array>, maxBytes: number): Promise<Uint8Array> {
  const chunks: Uint8Array[] = []
  let sizeBytes = 0
  for await (const chunk of body) {
    sizeBytes += chunk.byteLength
    if (sizeBytes > maxBytes) throw tooLong(maxBytes)
    // Chunks are borrowed.
    chunks.push(Uint8Array.from(chunk))
  }
  return Buffer.concat(chunks)
}

export const tooLong = (maxBytes: number): S3Error =>
  new S3Error('MaxMessageLengthExceeded', 'Your request was too big.', {
    MaxMessageLengthBytes: String(maxBytes),
  })
