import { getUpload, type UploadTarget } from '../../catalog/find.js'
import { afterAllUnder, justAfter, partKey, partNumberOf, partsOf } from '../../catalog/keys.js'
import { toPart } from '../../catalog/object-info.js'
import { decodePart } from '../../catalog/records/part-record.js'
import { rowsBetween } from '../../catalog/scan.js'
import type { Part } from '../../contract/multipart.js'
import type { Cancel } from '../../contract/source.js'
import type { Works } from '../../works.js'

/** The parts that have arrived, by number. */
export async function* listParts(
  works: Works,
  target: UploadTarget,
  { afterPartNumber = 0, signal }: { afterPartNumber?: number } & Cancel,
): AsyncGenerator<Part, void, undefined> {
  const { uploadId } = await getUpload(works.kv, target)
  const first = justAfter(partKey(uploadId, Math.min(afterPartNumber, 0xffff)))
  for await (const row of rowsBetween(works.kv, first, afterAllUnder(partsOf(uploadId)))) {
    signal?.throwIfAborted()
    yield toPart(partNumberOf(row.key), decodePart(row.value))
  }
}
