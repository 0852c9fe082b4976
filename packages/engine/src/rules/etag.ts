import { createHash } from 'node:crypto'

/** ETags without quotes. A plain object's is the MD5 of its bytes. Source: S3 API Reference, "Object". */
export const plainEtag = (md5: Uint8Array): string =>
  Buffer.from(md5.buffer, md5.byteOffset, md5.byteLength).toString('hex')

/** Whether it is that of an object that was uploaded in one piece. */
export const isPlainEtag = (etag: string): boolean => /^[0-9a-f]{32}$/.test(etag)

/**
 * An identity that no other object has. Clients take 32 hex digits for the MD5 and compare it with theirs;
 * with a dash they know that it is none.
 */
export const opaqueEtag = (recordId: Uint8Array): string => `${plainEtag(recordId)}-1`

/** The MD5 of the parts' MD5s, or of what stands for them in an opaque ETag, and how many there are. */
export function multipartEtag(partEtags: readonly string[]): string {
  const md5 = createHash('md5')
  for (const etag of partEtags) md5.update(Buffer.from(etag.slice(0, 32), 'hex'))
  return `${md5.digest('hex')}-${partEtags.length}`
}

/**
 * Of an object that bytes were added to: a new one each time, made of the one before and the MD5 of what was added,
 * or what stands for it, and counted like parts. No MD5 of all bytes can go on from a digest.
 */
export function appendedEtag(before: string, added: Uint8Array): string {
  const md5 = createHash('md5')
    .update(Buffer.from(before.slice(0, 32), 'hex'))
    .update(added)
  return `${md5.digest('hex')}-${Number(before.slice(33) || 1) + 1}`
}

/**
 * A part that was copied without being read: the source's own ETag if that is of exactly these bytes, else one
 * that the same stretch of the same source always gives.
 */
export function copiedEtag(
  sourceEtag: string,
  stretch: { offset: number; length: number },
  sizeBytes: number,
): string {
  if (stretch.length === sizeBytes && isPlainEtag(sourceEtag)) return sourceEtag
  return createHash('md5').update(`${sourceEtag} ${stretch.offset} ${stretch.length}`).digest('hex')
}
