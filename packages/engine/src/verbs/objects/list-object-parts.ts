import { extentsFrom } from '../../bodies/extents.js'
import type { FoundObject, VersionTarget } from '../../catalog/find.js'
import { getObjectRecord } from '../../catalog/get-version.js'
import { toObjectPart } from '../../catalog/object-info.js'
import type { ObjectPart } from '../../contract/multipart.js'
import type { Cancel } from '../../contract/source.js'
import { busy } from '../../errors.js'
import { limits } from '../../limits.js'
import { checkKeyName } from '../../rules/key-name.js'
import type { Works } from '../../works.js'

/** The parts of a finished object, as it is when the first is asked for. */
export async function* listObjectParts(
  works: Works,
  target: VersionTarget,
  { afterPartNumber = 0, signal }: { afterPartNumber?: number } & Cancel,
): AsyncGenerator<ObjectPart, void, undefined> {
  checkKeyName(target.key)
  const { found, release } = await hold(works, target)
  try {
    if (found.record.partCount === undefined) return
    for await (const { extent } of extentsFrom(works, found.record.body)) {
      signal?.throwIfAborted()
      if (extent.part !== undefined && extent.part.number > afterPartNumber)
        yield toObjectPart(extent.part, found.record)
    }
  } finally {
    release()
  }
}

/** The object with a hold on its body, so that its extents are not freed while they are read. */
async function hold(
  works: Works,
  target: VersionTarget,
): Promise<{ found: FoundObject; release: () => void }> {
  for (let attempt = 1; attempt <= limits.commitAttempts; attempt++) {
    const found = await getObjectRecord(works.kv, target)
    const { body } = found.record
    if (body.kind === 'inline') return { found, release: () => {} }
    const release = works.pins.hold(body.bodyId)
    if ((await works.kv.get(found.row.key))?.revision === found.row.revision) return { found, release }
    release()
  }
  throw busy(target)
}
