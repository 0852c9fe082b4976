import { newObject } from '../../bodies/new-object.js'
import { stageBody } from '../../bodies/stage.js'
import { findObject, type ObjectTarget } from '../../catalog/find.js'
import { toObjectInfo } from '../../catalog/object-info.js'
import type { ObjectRecord } from '../../catalog/records/object-record.js'
import { changeObject, writeVersion } from '../../commit/object-change.js'
import type { ObjectInfo, PutOptions } from '../../contract/object.js'
import type { ByteSource } from '../../contract/source.js'
import { checkAttributes } from '../../rules/attributes.js'
import { checkKeyName } from '../../rules/key-name.js'
import { lockOfNewVersion } from '../../rules/object-lock.js'
import { checkWriteConditions } from '../../rules/write-conditions.js'
import { toAsyncIterable } from '../../streams/byte-source.js'
import type { Works } from '../../works.js'

export async function putObject(
  works: Works,
  target: ObjectTarget,
  source: ByteSource,
  options: PutOptions,
): Promise<ObjectInfo> {
  // From the first moment: a stream that fails while nobody listens would end the process. Refused, it is closed.
  using bytes = source instanceof Uint8Array ? undefined : toAsyncIterable(source, options.signal)
  checkKeyName(target.key)
  checkAttributes(options)
  // Spares a long upload what the commit would refuse; decides nothing.
  if (bytes !== undefined) {
    const { bucket, object } = await findObject(works.kv, target)
    checkWriteConditions(options, object?.record, target)
    lockOfNewVersion(bucket, options, works.clock.now())
  }
  const { inlineMaxBytes } = works.settings
  await using body = await stageBody(works, bytes ?? source, { ...options, inlineMaxBytes })
  return await changeObject(works, target, [body], (state, draft) => {
    checkWriteConditions(options, state.current?.record, target)
    const record: ObjectRecord = {
      ...newObject(works, body, options, state.nowMs),
      ...lockOfNewVersion(state.bucket, options, state.nowMs),
    }
    const version = writeVersion(draft, state, record, body.payload)
    return toObjectInfo(target.key, version, state.bucket)
  })
}
