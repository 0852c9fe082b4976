import type { BlobId, BlobStore } from '../blobs/blobs.js'
import type { Engine } from '../engine.js'
import { isEngineError } from '../errors.js'
import type { KvStore } from '../kv/kv.js'
import { compareWithHistory } from './history/compare.js'
import type { History } from './history/history.js'
import { wrongBytes } from './invariants/bytes.js'
import { type EndedUploads, type HeldBody, heldBodies } from './invariants/held-bodies.js'
import type { Picture } from './invariants/picture.js'
import { type RetainedVersion, shortenedRetention } from './invariants/retained.js'
import { rules } from './invariants/rules.js'
import { type Id, idOf, readStoredRows, type StoredRows } from './invariants/stored-rows.js'
import type { Violation } from './violation.js'

/** A store at rest: nothing may be under way while it is looked at. */
export interface AtRest {
  readonly kv: KvStore
  readonly blobs: BlobStore
  /** An engine over these stores, to be asked for all that a caller could see. With `history`. */
  readonly engine?: Engine
  /** What was asked of the engine and answered. What is found becomes a fact of it. */
  readonly history?: History
  /** What callers were told is kept by a retention of compliance. With `engine`. */
  readonly retained?: readonly RetainedVersion[]
  /** Whether every byte of every object and part is read and verified. @defaultValue true */
  readonly bytes?: boolean
  /** Whether all work that commits leave behind must have been done up to this time. */
  readonly reclaimedAtMs?: number
  /** How long a day of lifecycle rules lasts in this store. @defaultValue a real one */
  readonly lifecycleDaySeconds?: number
  /** What time it is for the store. @defaultValue the wall clock's */
  readonly nowMs?: number
}

/**
 * The one answer to "is this store as it must be?", for every test of reliability. It holds after a crash, before
 * and after the next open, and at any moment at which nothing is under way:
 *
 * - what was acknowledged is readable with the bytes that were written, or was superseded; nothing is there that
 *   nobody wrote, or that was deleted; lists show all there is and nothing else (these need `engine` and `history`);
 * - every row can be read and belongs to something; no record lies in a blob that is missing, or that reclaim or
 *   recovery would remove; references agree with those who hold them; and no blob and no row is forgotten: it is
 *   in use, its id is reserved, or deferred work will take it away;
 * - lifecycle rules find all that will be due: nothing falls due before its key or upload is looked at;
 * - no retention of compliance is shortened, and no version that one keeps is gone (this needs `engine` and `retained`).
 *
 * @returns all that is wrong; nothing if all is well.
 */
export async function findViolations(store: AtRest): Promise<Violation[]> {
  const violations: Violation[] = []
  const picture = await takePicture(store)
  for (const [rule, judge] of Object.entries(rules))
    for (const what of judge(picture)) violations.push({ rule, what })
  if (store.bytes !== false)
    for await (const what of wrongBytes(picture, store)) violations.push({ rule: 'wrong-bytes', what })
  if (store.reclaimedAtMs !== undefined)
    for (const { dueMs, work } of picture.rows.deferred)
      if (dueMs <= store.reclaimedAtMs)
        violations.push({ rule: 'work-left', what: `work of kind "${work.kind}" was due and is not done` })
  violations.push(...(await compare(store)))
  if (store.engine !== undefined)
    for await (const what of shortenedRetention(store.engine, store.retained ?? []))
      violations.push({ rule: 'retention-shortened', what })
  return violations
}

async function compare({ engine, history }: AtRest): Promise<Violation[]> {
  if (engine === undefined || history === undefined) return []
  try {
    return await compareWithHistory(engine, history)
  } catch (error) {
    if (!isEngineError(error, 'CorruptRecord')) throw error
    return [{ rule: 'unreadable', what: error.message }]
  }
}

/** @throws Error that names everything that is wrong. See {@link findViolations}. */
export async function assertInvariants(store: AtRest): Promise<void> {
  const violations = await findViolations(store)
  if (violations.length === 0) return
  const lines = violations.map(({ rule, what }) => `  ${rule}: ${what}`)
  throw new Error(`The store is not as it must be:\n${lines.join('\n')}`)
}

async function takePicture({
  kv,
  blobs,
  lifecycleDaySeconds = 86_400,
  nowMs = Date.now(),
}: AtRest): Promise<Picture> {
  const rows = await readStoredRows(kv, lifecycleDaySeconds * 1_000)
  const endedUploads = endedUploadsIn(rows)
  const bodies = heldBodies(rows, endedUploads)
  const bodiesById = new Map<Id, HeldBody[]>()
  for (const held of bodies) bodiesById.set(held.id, [...(bodiesById.get(held.id) ?? []), held])
  const found = new Set<BlobId>()
  for await (const id of blobs.list()) found.add(id)
  return { rows, bodies, bodiesById, blobs: found, endedUploads, nowMs }
}

function endedUploadsIn({ deferred }: StoredRows): EndedUploads {
  const ended = new Map<Id, ReadonlySet<number>>()
  for (const { work } of deferred) if (work.kind === 'parts') ended.set(idOf(work.uploadId), work.used)
  return ended
}
