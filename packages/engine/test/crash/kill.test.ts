/**
 * A process under load is killed at a random moment, again and again on the same directory, and what it left is
 * opened and held against what it was told.
 *
 * `AQUIFER_KILLS`: how often. 60 by default; the long run is 3,000 (about an hour). `AQUIFER_SEED` decides the load.
 */
import assert from 'node:assert/strict'
import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { performance } from 'node:perf_hooks'
import test from 'node:test'
import { Engine } from '@aquifer/engine'
import { findViolations, History, parseEvents, seededRandom, type Violation } from '@aquifer/engine/testing'
import { sweepInVain } from './distant-rules.js'
import { median, sizeFrom, tellFigures } from './figures.js'
import { startChild } from './start-child.js'
import { openStores } from './stores.js'
import { useSmallBounds } from './workload.js'

const kills = sizeFrom('AQUIFER_KILLS', 60)
const firstSeed = sizeFrom('AQUIFER_SEED', Date.now() % 1_000_000)
const random = seededRandom(firstSeed)
const child = new URL('./kill.child.js', import.meta.url)

useSmallBounds() // The store that the child leaves is made under the same bounds.

test(`a store whose process is killed under load loses nothing (seed ${firstSeed})`, async () => {
  const root = await mkdtemp(join(tmpdir(), 'aquifer-kill-'))
  const directory = join(root, 'data')
  const history = new History()
  const acknowledged: number[] = []
  const reopenMs: number[] = []
  let atOpening = 0
  try {
    for (let cycle = 0; cycle < kills; cycle++) {
      const historyFile = join(root, `history-${cycle}`)
      const whileOpening = await liveAndDie(directory, historyFile, firstSeed + cycle)
      if (whileOpening) atOpening++
      const events = existsSync(historyFile) ? parseEvents(await readFile(historyFile, 'utf8')) : []
      await rm(historyFile, { force: true })
      acknowledged.push(events.filter((event) => 'end' in event && event.end === 'acknowledged').length)
      history.add(events)
      const { violations, openedMs } = await examine(directory, history)
      reopenMs.push(openedMs)
      assert.deepEqual(violations, [], `after kill ${cycle + 1}`)
    }
  } finally {
    await rm(root, { recursive: true, force: true })
    tellFigures('kill -9 under load', {
      kills: reopenMs.length,
      'while opening': atOpening,
      acknowledged: acknowledged.reduce((sum, count) => sum + count, 0),
      'reopen ms, median': median(reopenMs),
      'reopen ms, max': Math.round(Math.max(...reopenMs)),
    })
  }
})

/** Answers whether it died before it had opened the store. */
async function liveAndDie(directory: string, historyFile: string, seed: number): Promise<boolean> {
  const { process: life, ended, complaint } = startChild(child, [directory, historyFile, String(seed)])
  const isEarly = random() < 0.15
  const opened = once(life.stdout, 'data').then(() => true)
  if (!isEarly) await Promise.race([opened, ended])
  await Promise.race([sleep(random() * (isEarly ? 250 : 500)), ended])
  const diedByItself = !isAlive(life)
  life.kill('SIGKILL')
  await ended
  assert.ok(!diedByItself, `the process ended before it was killed: ${complaint()}`)
  return isEarly
}

const isAlive = ({ exitCode, signalCode }: ChildProcess) => exitCode === null && signalCode === null
const sleep = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms))

async function examine(
  directory: string,
  history: History,
): Promise<{ violations: Violation[]; openedMs: number }> {
  const started = performance.now()
  const stores = await openStores(directory)
  const openedMs = performance.now() - started
  const asFound = await findViolations({ ...stores, bytes: false })
  const resumed = performance.now()
  const engine = await Engine.open({ stores, background: false })
  const recoveredMs = performance.now() - resumed
  try {
    await engine.reclaim()
    await sweepInVain(engine)
    const found = await findViolations({ ...stores, engine, history, reclaimedAtMs: Date.now() })
    return { violations: [...asFound, ...found], openedMs: openedMs + recoveredMs }
  } finally {
    await engine.close()
  }
}
