/** What a caller wrote of one ETag: in quotes or not, weak or not. Ours are strong, so that `W/` says nothing. */
function bare(written: string): string {
  const tag = written.trim().replace(/^W\//, '')
  return tag.length >= 2 && tag.startsWith('"') && tag.endsWith('"') ? tag.slice(1, -1) : tag
}

/** Whether one ETag, or `*` for any, means this one. Writes take no lists. Source: S3 User Guide, "Conditional requests". */
export function matchesEtag(written: string, etag: string): boolean {
  return written.trim() === '*' || bare(written) === etag
}

/** Whether a list of ETags, or `*` for any, holds this one. Source: RFC 9110 §13.1.1 and §13.1.2. */
export function etagListMatches(written: string, etag: string): boolean {
  return matchesEtag(written, etag) || written.split(',').some((tag) => bare(tag) === etag)
}
