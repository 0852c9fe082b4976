import { stageBody } from '../../bodies/stage.js'
import { checkObjectAsked, checkObjectEarly, writeObject } from '../../bodies/write-object.js'
import type { ObjectTarget } from '../../catalog/find.js'
import { changeObject } from '../../commit/object-change.js'
import type { Caused } from '../../contract/events.js'
import type { ObjectInfo, PutOptions } from '../../contract/object.js'
import type { ByteSource } from '../../contract/source.js'
import { toAsyncIterable } from '../../streams/byte-source.js'
import type { Works } from '../../works.js'

export async function putObject(
  works: Works,
  target: ObjectTarget,
  source: ByteSource,
  options: PutOptions & Caused,
): Promise<ObjectInfo> {
  // From the first moment: a stream that fails while nobody listens would end the process. Refused, it is closed.
  using bytes = source instanceof Uint8Array ? undefined : toAsyncIterable(source, options.signal)
  checkObjectAsked(target, options)
  if (bytes !== undefined) await checkObjectEarly(works, target, options)
  const { inlineMaxBytes } = works.settings
  await using staged = await stageBody(works, bytes ?? source, { ...options, inlineMaxBytes })
  return await changeObject(works, target, [staged], (state, draft) =>
    writeObject(works, draft, state, { staged }, options, {
      name: 's3:ObjectCreated:Put',
      origin: options.origin,
    }),
  )
}
