import { LevelKvStore } from '../kv/level/level-kv-store.js'
import { refuseDamage, type StoreOptions } from '../kv/level/open-parts.js'
import type { HostileIndex } from './hostile-index.js'
import { seededRandom } from './seeded-random.js'
import type { SimulatedDisk } from './simulated-disk/simulated-disk.js'

/** What outlives a process: its disk and its index. */
export interface SimulatedMachine {
  readonly disk: SimulatedDisk
  readonly index: HostileIndex
}

export interface SimulatedKvOptions {
  /** Decides the store's ids and seeds. @defaultValue 1 */
  random?: () => number
  /** @defaultValue 64 KiB */
  segmentBytes?: number
  /** @defaultValue 100 */
  checkpointRows?: number
  /** @defaultValue 128 KiB */
  checkpointBytes?: number
  /** @defaultValue any damage is refused */
  acceptLoss?: (finding: string) => void
}

/** The journal store over a simulated disk and a hostile index, with nothing of the real machine in it. */
export function openSimulatedKv(
  { disk, index }: SimulatedMachine,
  { random = seededRandom(1), acceptLoss, ...options }: SimulatedKvOptions = {},
): Promise<LevelKvStore> {
  let time = 0
  const store: StoreOptions = {
    directory: '/data',
    disk,
    index,
    clock: { now: () => 0, monotonic: () => (time += 100) },
    ids: { next: () => Uint8Array.from({ length: 16 }, () => Math.floor(random() * 256)) },
    segmentBytes: 64 * 1024,
    checkpointRows: 100,
    checkpointBytes: 128 * 1024,
    replayBatchRows: 1 + Math.floor(random() * 30),
    onDamage: acceptLoss ?? refuseDamage('/data'),
    acceptsLoss: acceptLoss !== undefined,
    ...options,
  }
  return LevelKvStore.openOver(store)
}

/** The power goes on this machine; another seed is another outcome of the same cut. */
export function powerCut({ disk, index }: SimulatedMachine, seed: number): SimulatedMachine {
  return { disk: disk.crash(seed), index: index.crash(seed) }
}

/** What a power cut at this moment would leave of the machine, which goes on. */
export function ifCutNow({ disk, index }: SimulatedMachine, seed: number): SimulatedMachine {
  return { disk: disk.ifCutNow(seed), index: index.ifCutNow(seed) }
}

/** The process goes, the machine stays. */
export function killed({ disk, index }: SimulatedMachine): SimulatedMachine {
  return { disk: disk.kill(), index: index.kill() }
}
