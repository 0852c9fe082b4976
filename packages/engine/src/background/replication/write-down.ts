import type { Draft } from '../../catalog/draft.js'
import { commit } from '../../commit/commit.js'
import { turnOf } from '../../commit/object-change.js'
import type { EngineEvent, EventName } from '../../contract/events.js'
import type { Carried } from '../../contract/replication.js'
import type { Row } from '../../kv/kv.js'
import { addEvent } from '../../outbox/add-event.js'
import type { KnownTarget } from '../../replication/targets.js'
import { parseVersionId } from '../../rules/version-id.js'
import type { Works } from '../../works.js'
import { type FoundState, factsText, findState, type Lined, putState } from './version-state.js'

/** What a target has got, and the row that asked for it. */
interface Written extends Carried {
  /** What was true of the version when it was sent. */
  readonly sent: FoundState
  readonly row: Row
}

/**
 * That the target has what was sent, in one commit with the removal of the row where that is all there is to bring. `'changed'`: more
 * has been changed since. `'gone'`: the version has.
 */
export function writeDown(
  works: Works,
  lined: Lined,
  { sent, targetVersionId, row }: Written,
): Promise<'done' | 'changed' | 'gone'> {
  const text = factsText(sent)
  return changeState(works, lined, (found, draft, tell) => {
    if (found?.version === undefined) return 'gone'
    if (found.state === undefined || found.toTarget === undefined) return 'changed'
    const { unfinished: _over, ...before } = found.toTarget
    const isDone = factsText(found) === text
    putState(draft, lined, found.state, {
      ...before,
      status: isDone ? 'completed' : before.status,
      hasBytes: true,
      ...(targetVersionId !== undefined && { targetVersionId }),
    })
    if (!isDone) return 'changed'
    draft.freesSpace = true
    draft.delete(row.key)
    tell('s3:Replication:OperationCompletedReplication')
    return 'done'
  })
}

/** A try has failed for a reason of the version's own: it is said of it, once, until it is there. */
export async function writeDownFailure(
  works: Works,
  target: KnownTarget,
  { key, versionId = '' }: EngineEvent,
): Promise<void> {
  const place = parseVersionId(versionId)
  if (place === undefined || place === 'null') return
  const lined: Lined = { target, key, place }
  await changeState(works, lined, (found, draft, tell) => {
    if (found?.version === undefined || found.state === undefined) return
    if (found.toTarget?.status !== 'pending') return
    putState(draft, lined, found.state, { ...found.toTarget, status: 'failed' })
    tell('s3:Replication:OperationFailedReplication')
  })
}

/** Decides by what is true now of a version. `tell` has whoever asks for events told of it. */
function changeState<T>(
  works: Works,
  lined: Lined,
  decide: (found: FoundState | undefined, draft: Draft, tell: (name: EventName) => void) => T,
): Promise<T> {
  const target = { bucket: lined.target.record.sourceBucket, key: lined.key }
  return commit(works, {
    turns: [turnOf(target)],
    read: async (draft) => {
      const found = await findState(works, lined, draft)
      return { found, rules: found && (await works.outbox.rulesOf(found.bucket)) }
    },
    decide: ({ found, rules }, draft) =>
      decide(found, draft, (name) => {
        const { bucket, version } = found!
        const state = { target, bucket, rules, nowMs: works.clock.now() }
        addEvent(works, draft, state, { name, record: version?.record })
      }),
  })
}
