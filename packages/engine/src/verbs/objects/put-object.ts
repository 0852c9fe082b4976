import { stageBody } from '../../bodies/stage.js'
import { StagedIfNeeded } from '../../bodies/staged-if-needed.js'
import { checkObjectAsked, checkObjectEarly, writeObject } from '../../bodies/write-object.js'
import { writeReplica } from '../../bodies/write-replica.js'
import type { ObjectTarget } from '../../catalog/find.js'
import { commit } from '../../commit/commit.js'
import { changeObject, turnOf } from '../../commit/object-change.js'
import { readForPlace } from '../../commit/place-version.js'
import { checkReplicaEarly } from '../../commit/take-replica.js'
import type { Caused } from '../../contract/events.js'
import type { ObjectInfo, PutOptions } from '../../contract/object.js'
import type { ByteSource } from '../../contract/source.js'
import { checkReplicaOf } from '../../rules/replication/replica-of.js'
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
  const replica = options.replica && checkReplicaOf(options.replica, options.bypassGovernance)
  if (bytes !== undefined)
    await (replica === undefined
      ? checkObjectEarly(works, target, options)
      : checkReplicaEarly(works, target, replica, options))
  const { inlineMaxBytes } = works.settings
  await using staged = await stageBody(works, bytes ?? source, { ...options, inlineMaxBytes })
  if (replica !== undefined) {
    const ifNeeded = new StagedIfNeeded(staged)
    return await commit(works, {
      turns: [turnOf(target)],
      staged: [ifNeeded],
      read: (draft) => readForPlace(works, draft, target, replica.place),
      decide: (state, draft) => writeReplica(works, draft, state, { staged, ifNeeded }, options, replica),
    })
  }
  return await changeObject(works, target, [staged], (state, draft) =>
    writeObject(works, draft, state, { staged }, options, {
      name: 's3:ObjectCreated:Put',
      origin: options.origin,
    }),
  )
}
