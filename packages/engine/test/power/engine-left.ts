import { findViolations, type History, type Violation } from '@aquifer/engine/testing'
import { openOver, openSmallStores } from './small-engine.js'

/** What is wrong with what a process left in a directory: as it is found, and after recovery and reclaim. */
export async function examineLeft(directory: string, history: History): Promise<Violation[]> {
  const stores = await openSmallStores(directory)
  const asFound = await findViolations({ ...stores, bytes: false })
  const engine = await openOver(stores)
  try {
    await engine.reclaim()
    const found = await findViolations({ ...stores, engine, history, reclaimedAtMs: Date.now() })
    return [...asFound, ...found]
  } finally {
    await engine.close()
  }
}
