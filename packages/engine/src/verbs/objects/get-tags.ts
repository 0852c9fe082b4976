import type { VersionTarget } from '../../catalog/find.js'
import { getObjectRecord } from '../../catalog/get-version.js'
import type { Tags } from '../../contract/object.js'
import type { Cancel } from '../../contract/source.js'
import { checkKeyName } from '../../rules/key-name.js'
import type { Works } from '../../works.js'

export async function getTags(works: Works, target: VersionTarget, { signal }: Cancel): Promise<Tags> {
  signal?.throwIfAborted()
  checkKeyName(target.key)
  const { record } = await getObjectRecord(works.kv, target)
  return record.tags
}
