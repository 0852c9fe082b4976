import { getUpload, type UploadTarget } from '../../catalog/find.js'
import { afterAllUnder, justAfter, partKey, partNumberOf, partsOf } from '../../catalog/keys.js'
import { toPart } from '../../catalog/object-info.js'
import { decodePart } from '../../catalog/records/part-record.js'
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
  const to = afterAllUnder(partsOf(uploadId))
  let from = justAfter(partKey(uploadId, Math.min(afterPartNumber, 0xffff)))
  for (;;) {
    signal?.throwIfAborted()
    const { rows, more } = await works.kv.scan({ from, to, limit: 1_000 })
    for (const row of rows) yield toPart(partNumberOf(row.key), decodePart(row.value))
    if (!more) return
    from = justAfter(rows.at(-1)!.key)
  }
}
