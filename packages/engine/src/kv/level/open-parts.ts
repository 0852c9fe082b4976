import type { Clock } from '../../clock.js'
import type { Disk } from '../../disk.js'
import { storeDamaged } from '../../errors.js'
import type { Ids } from '../../ids.js'
import type { IndexLocation } from './index/index-port.js'
import { LiveIndex } from './index/live-index.js'
import type { RowIndex } from './index/row-index.js'
import { Journal, type JournalOptions } from './journal/journal.js'
import { type OnDamage, recoverJournal } from './journal/recover-journal.js'
import { SegmentFiles } from './journal/segment-files.js'
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
  /** A checkpoint is made at the latest when this much was applied since the last. */
  readonly checkpointRows: number
  readonly checkpointBytes: number
  readonly verifiedAtOpenBytes: number
}

/** The pieces of an open store. */
export interface StoreParts {
  readonly journal: Journal
  readonly index: LiveIndex
  readonly writer: Writer
  readonly upkeep: Upkeep
  readonly reserve: Reserve
}

export async function openParts(options: StoreOptions): Promise<StoreParts> {
  const { directory, disk, clock, ids, segmentBytes, checkpointRows, checkpointBytes } = options
  const files = new SegmentFiles(disk, directory)
  const journal = await openJournal({ files, ids, segmentBytes }, options)
  const isCheckpointDue = ({ since }: RowIndex) =>
    since.rows >= checkpointRows || since.journalBytes >= checkpointBytes
  const { index: location, onDamage, verifiedAtOpenBytes } = options
  const index = new LiveIndex({ location, journal, onDamage, verifiedAtOpenBytes, isCheckpointDue })
  try {
    await index.recover()
    const reserve = new Reserve({ disk, directory, clock, segmentBytes })
    await reserve.find()
    const afterGroup = () => upkeep.lookAround()
    const writer = new Writer({ journal, index, reserve, afterGroup }, segmentBytes)
    const stop = new AbortController()
    const parts = { journal, index, writer, reserve, isCheckpointDue, stop, signal: stop.signal }
    const upkeep = new Upkeep(parts)
    return { journal, index, writer, reserve, upkeep }
  } catch (error) {
    await index.shut()
    await journal.close()
    throw error
  }
}

async function openJournal(
  options: JournalOptions,
  { index, onDamage, ids }: StoreOptions,
): Promise<Journal> {
  const { files } = options
  const numbers = await files.list()
  if (numbers.length > 0) return recoverJournal(options, numbers, onDamage)
  // The first segment is durable before the index is made: an index without a journal has lost one.
  if (await index.exists()) {
    onDamage('the journal is gone')
    await index.discard()
  }
  const storeId = new Uint8Array(ids.next())
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
