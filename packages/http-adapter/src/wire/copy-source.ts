import { invalidArgument } from '../s3-error.js'
import { readVersionId } from './version-id.js'

/**
 * `x-amz-copy-source`: `bucket/key`, percent-encoded, with or without a slash before it and `?versionId=` after.
 * A raw plus is a space: s5cmd writes it so, and AWS reads it so (aws/aws-cli#614: a plus must come as `%2B`).
 *
 * @throws {@link S3Error} `InvalidArgument`
 */
export function readCopySource(
  header: string,
  name = 'x-amz-copy-source',
): { bucket: string; key: string; versionId?: string } {
  const refuse = (what: string) => invalidArgument(`Invalid copy source ${what}`, name, header)
  const mark = header.indexOf('?')
  const path = mark === -1 ? header : header.slice(0, mark)
  const query = mark === -1 ? undefined : header.slice(mark + 1)
  if (query !== undefined && !query.startsWith('versionId=')) throw refuse('object key')
  const version = readVersionId(query?.slice('versionId='.length))
  let decoded: string
  try {
    decoded = decodeURIComponent((path.startsWith('/') ? path.slice(1) : path).replaceAll('+', '%20'))
  } catch {
    throw refuse('encoding')
  }
  const slash = decoded.indexOf('/')
  const bucket = slash === -1 ? decoded : decoded.slice(0, slash)
  if (bucket === '') throw refuse('bucket name')
  if (slash === -1 || slash === decoded.length - 1) throw refuse('object key')
  return { bucket, key: decoded.slice(slash + 1), ...version }
}

/**
 * `x-amz-rename-source`: written the same, but that a rename knows no versions.
 *
 * @throws {@link S3Error} `InvalidArgument`
 */
export function readRenameSource(header = ''): { bucket: string; key: string } {
  const { versionId, ...source } = readCopySource(header, 'x-amz-rename-source')
  if (versionId === undefined) return source
  throw invalidArgument('A rename names no version', 'x-amz-rename-source', header)
}
