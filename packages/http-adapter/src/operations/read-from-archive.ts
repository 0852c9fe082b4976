import { contentTypeOf } from '../archive/content-type.js'
import { openEntry } from '../archive/unpack-entry.js'
import { limits } from '../limits.js'
import type { Call, Operation, Reply } from '../operation.js'
import { httpDate } from '../wire/dates.js'
import { quoted } from '../wire/etags.js'
import { readResponseOverrides } from '../wire/response-overrides.js'
import { writeVersionId } from '../wire/version-id.js'
import { type FoundInArchive, findInArchive } from './archive-of.js'

export const headObjectFromArchive: Operation = async (call) => {
  const found = await findInArchive(call, 's3:ObjectAccessed:Head')
  return { status: 200, headers: headersOf(call, found) }
}

export const getObjectFromArchive: Operation = async (call) => {
  const found = await findInArchive(call, 's3:ObjectAccessed:Get')
  const bytes = await openEntry(found.file, found.entry)
  const headers = headersOf(call, found)
  return {
    status: 200,
    headers,
    body: found.entry.sizeBytes > limits.bufferedBodyMaxBytes ? bytes : await whole(bytes),
  }
}

/** Of a small file a fault shows before anything is answered. */
async function whole(chunks: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const all: Uint8Array[] = []
  for await (const chunk of chunks) all.push(chunk)
  return Buffer.concat(all)
}

function headersOf({ query, principal }: Call, { file: { info }, entry }: FoundInArchive): Reply['headers'] {
  return {
    'content-type': contentTypeOf(entry.name),
    'content-length': String(entry.sizeBytes),
    etag: quoted(info.etag),
    'last-modified': httpDate(info.lastModified),
    ...writeVersionId(info.versionId),
    ...readResponseOverrides(query, principal.anonymous),
  }
}
