import { resolve } from 'node:path'
import type { Cancel } from '../../contract/source.js'
import { type Disk, nodeDisk } from '../../disk.js'
import type { KvVerifyOptions } from '../kv.js'
import { IndexDamage, type IndexLocation } from './index/index-port.js'
import { isAhead, LiveIndex } from './index/live-index.js'
import { RowIndex } from './index/row-index.js'
import type { Journal } from './journal/journal.js'
import type { OnDamage } from './journal/recover-journal.js'
import { LevelKvStore, storeOptions } from './level-kv-store.js'
import { LossMark } from './loss-mark.js'
import { checkpointWhen, openJournal } from './open-parts.js'
import { OwnerLock, refuseMissing } from './owner-lock.js'

export interface RebuildIndexOptions extends Cancel, Pick<KvVerifyOptions, 'onProgress'> {
  /** The directory that `Engine.open` was given. */
  directory: string
  /**
   * Is told of each gap in the journal, and the store goes on without what can be read nowhere any more. Left out,
   * a gap is refused with `StoreDamaged`.
   */
  acceptLoss?: (finding: string) => void
  /** Of a `LevelKvStore` that is opened with another than the default. */
  segmentBytes?: number
  disk?: Disk
}

/**
 * Makes the index of a store that nobody has open anew from its journal. The present one serves until then: where the
 * journal is refused, or the process dies, everything is as it was. `onProgress` tells of bytes of the journal.
 *
 * With `acceptLoss` a damaged journal is mended too: what can still be read, in it or in the present index, is written
 * again, and the damaged files go to `quarantine/`.
 *
 * @throws {@link EngineError} `EngineLocked` while a process has the directory; `NoSuchStore`; `StoreDamaged`;
 * `FormatTooNew`.
 */
export async function rebuildIndex(options: RebuildIndexOptions): Promise<void> {
  const { acceptLoss, disk = nodeDisk } = options
  const directory = resolve(options.directory)
  const store = storeOptions({ ...options, directory })
  await refuseMissing(disk, directory)
  const lock = await OwnerLock.acquire(disk, directory)
  try {
    const loss = await LossMark.find(disk, directory)
    const wasLossSettled = !loss.isThere
    if (acceptLoss !== undefined) await loss.put()
    let damagedThrough = 0
    const told = new Set<string>()
    const onDamage: OnDamage = (finding, through = 0) => {
      // The journal's end is read twice, and so is what is damaged there.
      if (!told.has(finding)) store.onDamage(finding)
      told.add(finding)
      damagedThrough = Math.max(damagedThrough, through)
    }
    await buildNext({ ...store, onDamage }, options)
    if (acceptLoss !== undefined && damagedThrough > 0) {
      // Over the present index, which may have what the journal has lost.
      const mending = { ...store, onDamage: () => {}, acceptsLoss: false, damagedThrough }
      await (await LevelKvStore.openOver(mending)).close()
      await buildNext(store, options)
    }
    await store.index.replace()
    if (wasLossSettled && told.size === 0) await loss.remove()
  } finally {
    await lock.release()
  }
}

type Place = ReturnType<typeof storeOptions>

async function buildNext(place: Place, { onProgress, signal }: RebuildIndexOptions): Promise<void> {
  const { onDamage } = place
  await place.index.next.discard()
  const journal = await openJournal(place)
  const totalBytes = journal.frameBytes
  let doneBytes = 0
  const index = new LiveIndex({
    location: place.index.next,
    journal,
    onDamage,
    isCheckpointDue: checkpointWhen(place),
    replayBatchRows: place.replayBatchRows,
    onFrame(sizeBytes) {
      signal?.throwIfAborted()
      doneBytes += sizeBytes
      onProgress?.({ doneBytes, totalBytes })
    },
  })
  try {
    await findLostEnd(journal, place.index, onDamage)
    await index.recover()
    await index.current.makeCheckpoint()
  } finally {
    await index.shut()
    await journal.close()
  }
}

/** The present index, where it can be read, knows how far the journal once went. */
async function findLostEnd(journal: Journal, location: IndexLocation, onDamage: OnDamage): Promise<void> {
  if (!(await location.exists())) return
  const index = await location.open().catch((error) => {
    if (error instanceof IndexDamage) return undefined
    throw error
  })
  if (index === undefined) return
  try {
    const rows = RowIndex.read(index, journal.storeId)
    if (rows !== undefined) isAhead(journal, rows, onDamage)
  } catch (error) {
    if (!(error instanceof IndexDamage)) throw error
  } finally {
    await index.close()
  }
}
