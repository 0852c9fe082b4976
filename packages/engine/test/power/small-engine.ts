import { Engine } from '@aquifer/engine'
import { type Disk, nodeDisk } from '@aquifer/engine/stores'
import { connectInVain, SEALING_KEY } from '../crash/distant-target.js'
import { openStores } from '../crash/stores.js'

const TOTAL_BYTES = 128 * 1024 * 1024

/** The real disk, said to be small: a store holds little space back on it, and a run of the shim copies less. */
const smallDisk: Disk = {
  ...nodeDisk,
  space: async () => ({ freeBytes: TOTAL_BYTES, totalBytes: TOTAL_BYTES }),
}

/** Segments so small that a few hundred writes turn the journal over; most bodies in blobs. */
export const openSmallStores = (directory: string) =>
  openStores(directory, { segmentBytes: 64 * 1024, disk: smallDisk })

type Stores = Awaited<ReturnType<typeof openSmallStores>>

export const openOver = (stores: Stores, { background = false } = {}): Promise<Engine> =>
  Engine.open({
    ...{ stores, background, inlineMaxBytes: 400 },
    ...{ sealingKey: SEALING_KEY, connectReplicationTarget: connectInVain },
  })
