import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { Engine } from '@aquifer/engine'
import { freshDirectory } from '../report/fresh-directory.mjs'

/** A fresh store on disk for one workload, with the bucket that it works in. */
export async function withEngine(work, options = {}) {
  const directory = await freshDirectory('bench')
  try {
    const engine = await Engine.open({ directory: join(directory, 'data'), ...options })
    try {
      await engine.createBucket('bench')
      return await work({ engine, bucket: engine.bucket('bench'), directory })
    } finally {
      await engine.close()
    }
  } finally {
    await rm(directory, { recursive: true, force: true })
  }
}
