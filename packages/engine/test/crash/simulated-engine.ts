import { Engine } from '@aquifer/engine'
import { type BlobStore, type Clock, FileBlobStore, type Ids, type KvStore } from '@aquifer/engine/stores'
import { findViolations, type History, openSimulatedKv, type Violation } from '@aquifer/engine/testing'
import { connectInVain, SEALING_KEY } from './distant-target.js'

export type Machine = Parameters<typeof openSimulatedKv>[0]

export interface OpenOn {
  readonly machine: Machine
  readonly random: () => number
}

export interface SimulatedStores {
  readonly kv: KvStore
  readonly blobs: BlobStore
}

/** Most bodies are small here, and blobs are to be met all the same. */
const INLINE_MAX_BYTES = 400
/** Enough for commits of the sizes that the engine makes. */
const SEGMENT_BYTES = 128 * 1024

/** The journal store and the file blobs on one simulated disk. */
export async function openSimulatedStores({ machine, random }: OpenOn): Promise<SimulatedStores> {
  const kv = await openSimulatedKv(machine, {
    random,
    segmentBytes: SEGMENT_BYTES,
    checkpointRows: 100 + Math.floor(random() * 1_000),
    checkpointBytes: 64 * 1024 + Math.floor(random() * 500_000),
  })
  try {
    return { kv, blobs: await FileBlobStore.open({ directory: '/data/blobs', disk: machine.disk }) }
  } catch (error) {
    await kv.close().catch(() => {})
    throw error
  }
}

let time = Date.UTC(2026, 0, 1)
/** It goes on by itself, in every life, and a seed says nothing about it but that. */
const clock: Clock = { now: () => (time += 1), monotonic: () => time }

/** Ids that a seed decides. */
function idsOf(random: () => number): Ids {
  return { next: () => Uint8Array.from({ length: 16 }, () => Math.floor(random() * 256)) }
}

export function openSimulatedEngine(stores: SimulatedStores, random: () => number): Promise<Engine> {
  return Engine.open({
    stores,
    clock,
    ids: idsOf(random),
    background: false,
    inlineMaxBytes: INLINE_MAX_BYTES,
    sealingKey: SEALING_KEY,
    connectReplicationTarget: connectInVain,
  })
}

/** What is wrong with what a machine holds: as it is found, and after recovery and reclaim. */
export async function examine(on: OpenOn, history: History): Promise<Violation[]> {
  const stores = await openSimulatedStores(on)
  const asFound = await findViolations({ ...stores, bytes: false })
  const engine = await openSimulatedEngine(stores, on.random)
  try {
    await engine.reclaim()
    const found = await findViolations({ ...stores, engine, history, reclaimedAtMs: time })
    return [...asFound, ...found]
  } finally {
    await engine.close()
  }
}
