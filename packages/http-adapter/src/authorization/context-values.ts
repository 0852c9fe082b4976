import type { Tags } from '@aquifer/engine'
import { S3Error } from '../s3-error.js'
import { readCopySource } from '../wire/copy-source.js'
import { readTaggingHeader } from '../wire/tagging.js'

/** `bucket/key`, decoded, however the header writes it: a policy could otherwise be got around by another spelling. */
export function sourceName(header: string | undefined): string | undefined {
  const source = header === undefined ? undefined : readable(() => readCopySource(header))
  return source && `${source.bucket}/${source.key}`
}

export const tagsOfHeader = (headers: ReadonlyMap<string, string>): Tags =>
  readable(() => readTaggingHeader(headers)) ?? {}

/** What cannot be read is as if it were not there: the operation refuses it. */
export function readable<T>(read: () => T): T | undefined {
  try {
    return read()
  } catch (error) {
    if (error instanceof S3Error) return undefined
    throw error
  }
}
