import { isEngineError, type ObjectInfo, type Tags } from '@aquifer/engine'
import type { Call } from '../operation.js'
import { element, text } from './xml-out.js'

/**
 * Whether a listing is to tell what each object is called and tagged, an extension of MinIO's. Of an object that the
 * caller may not read it tells no more than any listing does.
 */
export const asksForMetadata = ({ query }: Call): boolean => query.get('metadata') === 'true'

/** For each object of a page, what is written of it beside the rest. */
export async function describeObjects(
  call: Call,
  infos: Iterable<ObjectInfo>,
): Promise<(info: object) => string> {
  const described = new Map<object, string>()
  for (const info of infos) if (!info.isDeleteMarker) described.set(info, await describe(call, info))
  return (info) => described.get(info) ?? ''
}

async function describe({ engine, target, rights, signal }: Call, info: ObjectInfo): Promise<string> {
  const version = info.versionId === undefined ? {} : { versionId: info.versionId }
  const resource = { bucket: target.bucket, key: info.key, ...version }
  let xml = ''
  if (await rights.may('s3:GetObject', resource)) xml += userMetadata(info)
  if (info.tagCount === 0 || !(await rights.may('s3:GetObjectTagging', resource))) return xml
  try {
    const tags = await engine.bucket(target.bucket).getTags(info.key, { ...version, signal })
    return `${xml}${text('UserTags', asQuery(tags))}`
  } catch (error) {
    // It went after the page was read, and its tags with it.
    if (isEngineError(error, 'NoSuchKey') || isEngineError(error, 'NoSuchVersion')) return xml
    throw error
  }
}

/** Names as MinIO writes them. Those that no element can have are left out: a HEAD tells them. */
function userMetadata(info: ObjectInfo): string {
  const headers: readonly (readonly [string, string | undefined])[] = [
    ['content-type', info.contentType ?? 'binary/octet-stream'],
    ['cache-control', info.cacheControl],
    ['content-disposition', info.contentDisposition],
    ['content-encoding', info.contentEncoding],
    ['content-language', info.contentLanguage],
    ['expires', info.expires],
  ]
  const own = Object.entries(info.metadata)
    .filter(([name]) => /^[A-Za-z0-9_.-]+$/.test(name))
    .map(([name, value]) => [`X-Amz-Meta-${capitalized(name)}`, value] as const)
  const named = [...headers, ...own].map(([name, value]) => (value === undefined ? '' : text(name, value)))
  return element('UserMetadata', ...named)
}

const capitalized = (name: string): string =>
  name
    .toLowerCase()
    .split('-')
    .map((word) => word.slice(0, 1).toUpperCase() + word.slice(1))
    .join('-')

function asQuery(tags: Tags): string {
  const query = new URLSearchParams()
  for (const [name, value] of Object.entries(tags)) query.append(name, value)
  return query.toString()
}
