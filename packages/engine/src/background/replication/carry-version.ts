import { commit } from '../../commit/commit.js'
import type { EngineEvent } from '../../contract/events.js'
import type { Carried, ReplicationTarget } from '../../contract/replication.js'
import { busy } from '../../errors.js'
import type { Row } from '../../kv/kv.js'
import { ReplicationError } from '../../replication-error.js'
import { chooseRules } from '../../rules/replication/choose-rules.js'
import { parseVersionId } from '../../rules/version-id.js'
import type { Carrying } from './carrying.js'
import { holdVersion } from './outgoing-version.js'
import { removeFormer, removeThere, removeWhatCameLate } from './remove-version.js'
import { settleReturned } from './returned-version.js'
import { type FoundState, findState, type Lined, putState } from './version-state.js'
import { writeDown } from './write-down.js'

/** What came of a row: whether the target was asked for anything, and how many bytes it got. */
export interface CarriedOver {
  readonly isAsked: boolean
  readonly bytes: number
  /** Its row has gone with the commit that wrote down that it is done. */
  readonly isRemoved: boolean
}

const NOTHING_TO_DO: CarriedOver = { isAsked: false, bytes: 0, isRemoved: false }

/** So many bytes count for as much as one version without any. */
const COUNTED_BYTES = 256 * 1024

/** Looks again so often before it is left for later. */
const LOOKS_MAX = 100

/**
 * Brings to the target what is true now of the version that a row is about. What was true when the row was written matters no more:
 * of many rows of a version the first does the work. Every step may be repeated after a crash.
 */
export async function carryVersion(
  carrying: Carrying,
  event: EngineEvent,
  { row, signal }: { readonly row: Row; readonly signal: AbortSignal },
): Promise<CarriedOver> {
  const { works, target } = carrying
  const place = parseVersionId(event.versionId ?? '')
  if (place === undefined || place === 'null') return NOTHING_TO_DO
  const lined: Lined = { target, key: event.key, place }
  const isRemoval = event.name === 's3:ObjectRemoved:Delete'
  let bytes = 0
  let isRemovedThere = false
  let isAnew = event.metadata?.again !== undefined && !target.record.keepsVersionIds
  for (let look = 0; look < LOOKS_MAX; look++) {
    const known = await findState(works, lined)
    if (known === undefined) return NOTHING_TO_DO
    const found = isAnew ? asIfNew(known) : known
    if (found.version === undefined) {
      if (!isRemoval) return NOTHING_TO_DO
      if (isRemovedThere) return { isAsked: true, bytes, isRemoved: false }
      isRemovedThere = await removeThere(carrying, lined, event, signal)
      if (isRemovedThere) continue // It may have come back meanwhile.
      return NOTHING_TO_DO
    }
    if (isRemoval && target.record.keepsVersionIds) {
      if ((await settleReturned(works, lined)) === 'changed') continue
      return { isAsked: isRemovedThere, bytes, isRemoved: false }
    }
    const { toTarget } = found
    if (toTarget === undefined || toTarget.status === 'completed')
      return { isAsked: bytes > 0, bytes, isRemoved: false }
    await carrying.courtesy.turn(1 + found.version.record.sizeBytes / COUNTED_BYTES, signal)
    const sent = await send(carrying, lined, event.versionId!, found, signal)
    if (sent === 'changed') continue
    bytes += sent.bytes
    if (isAnew) await removeFormer(carrying, lined, event.versionId!, known, signal)
    isAnew = false
    const outcome = await writeDown(works, lined, { ...sent, sent: found, row })
    if (outcome === 'done') return { isAsked: true, bytes, isRemoved: true }
    if (outcome === 'gone') await removeWhatCameLate(carrying, event, sent, signal)
  }
  throw busy({ bucket: target.record.sourceBucket, key: event.key })
}

/** It is sent once more, as what comes last is the newest there. */
const asIfNew = (found: FoundState): FoundState => ({
  ...found,
  toTarget: found.toTarget && { ...found.toTarget, status: 'pending', hasBytes: false },
})

interface Sent extends Carried {
  readonly bytes: number
}

async function send(
  carrying: Carrying,
  lined: Lined,
  versionId: string,
  found: FoundState,
  signal: AbortSignal,
): Promise<Sent | 'changed'> {
  const { works, connection, pace } = carrying
  const { key } = lined
  const [version, state, toTarget] = [found.version!, found.state!, found.toTarget!]
  const { record } = version
  if (record.isDeleteMarker) {
    if (toTarget.hasBytes) return { bytes: 0 }
    const lastModified = new Date(record.lastModifiedMs)
    return { ...(await connection.putDeleteMarker({ key, versionId, lastModified }, { signal })), bytes: 0 }
  }
  const storageClass = await storageClassOf(carrying, key, found)
  const held = await holdVersion(
    works,
    { key, versionId, version, state, toTarget, storageClass },
    { pace, signal, note: (unfinished) => note(carrying, lined, unfinished) },
  )
  if (held === 'changed') return held
  try {
    if (toTarget.hasBytes && (await merged(connection, held.outgoing, signal))) return { bytes: 0 }
    return { ...(await connection.put(held.outgoing, { signal })), bytes: record.sizeBytes }
  } finally {
    held.release()
  }
}

/** False where the target has no such version: it has lost it, or it never came there. */
async function merged(
  connection: ReplicationTarget,
  outgoing: Parameters<ReplicationTarget['merge']>[0],
  signal: AbortSignal,
): Promise<boolean> {
  try {
    await connection.merge(outgoing, { signal })
    return true
  } catch (error) {
    if (error instanceof ReplicationError && error.code === 'NoSuchVersion') return false
    throw error
  }
}

async function storageClassOf(
  { works, target }: Carrying,
  key: string,
  { bucket, version }: FoundState,
): Promise<string | undefined> {
  const rules = await works.replicationRules.of(bucket)
  const mine = rules?.filter(({ arn }) => arn === target.record.arn) ?? []
  const { tags, isDeleteMarker } = version!.record
  const [chosen] = chooseRules(mine, { key, tags, isDeleteMarker }, () => true)
  return chosen?.rule.destination.storageClass
}

/** What the target asks to be kept of a transfer that has not ended. Of a version that has gone nothing need be. */
async function note({ works }: Carrying, lined: Lined, unfinished: string | undefined): Promise<void> {
  await commit(works, {
    turns: [],
    read: (draft) => findState(works, lined, draft),
    decide: (found, draft) => {
      if (found?.state === undefined || found.toTarget === undefined) return
      const { unfinished: _before, ...rest } = found.toTarget
      putState(draft, lined, found.state, { ...rest, ...(unfinished !== undefined && { unfinished }) })
    },
  })
}
