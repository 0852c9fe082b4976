import type { VersionTarget } from '../../catalog/find.js'
import { changeFacts } from '../../commit/facts-change.js'
import type { Caused } from '../../contract/events.js'
import type { ObjectInfo, Tags } from '../../contract/object.js'
import type { Cancel } from '../../contract/source.js'
import { checkKeyName } from '../../rules/key-name.js'
import { checkTags } from '../../rules/tags.js'
import type { Works } from '../../works.js'

export async function setTags(
  works: Works,
  target: VersionTarget,
  tags: Tags,
  { signal, origin }: Cancel & Caused,
): Promise<ObjectInfo> {
  signal?.throwIfAborted()
  checkKeyName(target.key)
  checkTags(tags, 'object')
  return changeFacts(works, target, 'tags', (record) => ({ ...record, tags }), {
    name: Object.keys(tags).length === 0 ? 's3:ObjectCreated:DeleteTagging' : 's3:ObjectCreated:PutTagging',
    origin,
  })
}
