import type { Clock } from '../../clock.js'
import type { Disk } from '../../disk.js'
import { storeDamaged } from '../../errors.js'
import type { Ids } from '../../ids.js'
import { HotRows } from './index/hot-rows.js'
import type { IndexLocation } from './index/index-port.js'
import { LiveIndex } from './index/live-index.js'
import type { RowIndex } from './index/row-index.js'
import { Journal } from './journal/journal.js'
import { type OnDamage, recoverJournal } from './journal/recover-journal.js'
import { SegmentFiles } from './journal/segment-files.js'
import { LossMark } from './loss-mark.js'
import { Reserve } from './reserve.js'
import { Upkeep } from './upkeep.js'
import { Writer } from './writer.js'

/** What a store is opened over. */
export interface StoreOptions {
  readonly directory: string
  readonly disk: Disk
  readonly clock: Clock
  readonly ids: Ids
  readonly index: IndexLocation
  readonly segmentBytes: number
  readonly onDamage: OnDamage
  /** Whether `onDamage` lets damage pass, so that rows may be lost. */
  readonly acceptsLoss: boolean
  /** A checkpoint is made at the latest when this much was applied since the last. */
  readonly checkpointRows: number
  readonly checkpointBytes: number
  /** So many rows of the journal go into the index at a time when it is opened. */
  readonly replayBatchRows: number
  /** Segments up to this one are known to be damaged, and are to be emptied. */
  readonly damagedThrough?: number
}

/** The pieces of an open store. */
export interface StoreParts {
  readonly journal: Journal
  readonly index: LiveIndex
  readonly hotRows: HotRows
  readonly writer: Writer
  readonly upkeep: Upkeep
  readonly reserve: Reserve
  readonly loss: LossMark
}

export async function openParts(options: StoreOptions): Promise<StoreParts> {
  const { directory, disk, clock, segmentBytes, replayBatchRows, index: location } = options
  let { damagedThrough = 0 } = options
  const loss = await LossMark.find(disk, directory)
  let isLossSettled = !loss.isThere
  if (options.acceptsLoss) await loss.put()
  const onDamage: OnDamage = (finding, through = 0) => {
    options.onDamage(finding)
    isLossSettled = false
    damagedThrough = Math.max(damagedThrough, through)
  }
  const journal = await openJournal({ ...options, onDamage })
  const isCheckpointDue = checkpointWhen(options)
  const index = new LiveIndex({ location, journal, onDamage, isCheckpointDue, replayBatchRows })
  const hotRows = new HotRows(index)
  try {
    await index.recover()
    const reserve = new Reserve({ disk, directory, clock, segmentBytes })
    await reserve.find()
    const afterGroup = () => upkeep.lookAround()
    const writer = new Writer({ journal, index, hotRows, reserve, afterGroup }, segmentBytes)
    const stop = new AbortController()
    const parts = { journal, index, writer, reserve, isCheckpointDue, stop, signal: stop.signal }
    const upkeep = new Upkeep(parts)
    if (damagedThrough > 0) await upkeep.emptyThrough(damagedThrough)
    if (isLossSettled) await loss.remove()
    return { journal, index, hotRows, writer, reserve, upkeep, loss }
  } catch (error) {
    await index.shut()
    await journal.close()
    throw error
  }
}

export const checkpointWhen =
  ({ checkpointRows, checkpointBytes }: Pick<StoreOptions, 'checkpointRows' | 'checkpointBytes'>) =>
  ({ since }: RowIndex): boolean =>
    since.rows >= checkpointRows || since.journalBytes >= checkpointBytes

type JournalPlace = Pick<StoreOptions, 'disk' | 'directory' | 'ids' | 'segmentBytes' | 'index' | 'onDamage'>

/** Makes a new journal where there is none. */
export async function openJournal({ index, onDamage, ...place }: JournalPlace): Promise<Journal> {
  const files = new SegmentFiles(place.disk, place.directory)
  const options = { files, ids: place.ids, segmentBytes: place.segmentBytes }
  const numbers = await files.list()
  if (numbers.length > 0) return recoverJournal(options, numbers, onDamage)
  // The first segment is durable before the index is made: an index without a journal has lost one.
  if (await index.exists()) {
    onDamage('the journal is gone')
    await index.discard()
  }
  const storeId = new Uint8Array(place.ids.next())
  const state = { storeId, chain: [], offset: 0, sequence: 0, revision: 0, lowestLive: 1, nextNumber: 1 }
  const journal = new Journal(options, state)
  await journal.ready()
  return journal
}

export const refuseDamage =
  (directory: string): OnDamage =>
  (finding) => {
    throw storeDamaged(directory, finding)
  }
