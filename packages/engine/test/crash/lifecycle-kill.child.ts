/**
 * Writes under rules until it is killed, and says what was acknowledged and when it may go. Arguments: directory, file, name.
 */
import { openSync, writeSync } from 'node:fs'
import { Engine, isEngineError } from '@aquifer/engine'
import { openStores } from './stores.js'

process.stdin.on('end', () => process.exit(1)).resume() // Nobody is left to kill it.
const [directory = '', toldFile = '', name = ''] = process.argv.slice(2)
const file = openSync(toldFile, 'a')
const stores = await openStores(directory)
const engine = await Engine.open({ stores, background: true, lifecycleDaySeconds: 1 })
const bytes = Buffer.alloc(300)
const retainUntil = new Date(Date.now() + 3_600_000)

/** Kinds of keys, each with a bucket and what keeps them. */
const kinds = ['plain/due', 'plain/kept', 'versioned/due', 'locked/due'] as const

async function write(writer: number): Promise<void> {
  for (let at = 0; ; at++) {
    const [bucket, prefix] = kinds[at % kinds.length]!.split('/') as [string, string]
    const key = `${prefix}/${name}-${writer}-${at}`
    const lock = bucket === 'locked' ? { retention: { mode: 'compliance' as const, retainUntil } } : {}
    const info = await engine.bucket(bucket).put(key, bytes, lock)
    const told = { bucket, key, versionId: info.versionId, mayGoMs: info.expiry?.at.getTime() }
    writeSync(file, `${JSON.stringify(told)}\n`)
  }
}

try {
  writeSync(1, 'open\n')
  await Promise.all(Array.from({ length: 8 }, (_, writer) => write(writer)))
} catch (error) {
  if (!isEngineError(error)) throw error
  process.exit(3)
}
