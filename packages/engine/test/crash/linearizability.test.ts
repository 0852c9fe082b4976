/**
 * Sixteen clients get, put, append and delete twenty keys, with and without conditions, while their process is killed
 * and begun anew. For each key there must be an order of all that was done to it that explains every answer.
 *
 * `AQUIFER_OPERATIONS`: how many. 10,000 by default; the long run is 100,000. `AQUIFER_SEED` decides the load.
 */
import assert from 'node:assert/strict'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import test from 'node:test'
import {
  checkLinearizability,
  type HistoryEntry,
  type ObjectAnswer,
  type ObjectOperation,
  objectSpecification,
  seededRandom,
} from '@aquifer/engine/testing'
import { sizeFrom, tellFigures } from './figures.js'
import { startChild } from './start-child.js'

type Entry = HistoryEntry<ObjectOperation, ObjectAnswer>

const wanted = sizeFrom('AQUIFER_OPERATIONS', 10_000)
const firstSeed = sizeFrom('AQUIFER_SEED', 1 + (Date.now() % 1_000_000))
/** Calls and answers of one life, at the most. */
const LINES_MAX = 5_000
const random = seededRandom(firstSeed)
const child = new URL('./linearizability.child.js', import.meta.url)

test(`what many clients are told about a key could have been told to one (seed ${firstSeed})`, async () => {
  const root = await mkdtemp(join(tmpdir(), 'aquifer-linearizable-'))
  const histories = new Map<string, Entry[]>()
  const told = { operations: 0, stops: 0, open: 0 }
  try {
    while (told.operations < wanted) {
      const historyFile = join(root, `history-${told.stops}`)
      await liveAndDie(join(root, 'data'), historyFile, firstSeed + told.stops)
      const { calls, answers } = await takeIn(historyFile, histories)
      for (const history of histories.values()) history.push({ stop: true })
      told.operations += answers
      told.open += calls - answers
      told.stops++
    }
    for (const [key, history] of histories) {
      const wrong = checkLinearizability(objectSpecification, history)
      if (wrong === undefined) continue
      const before = history.slice(Math.max(0, wrong.at - 30), wrong.at + 1)
      assert.fail(
        `${key}: ${JSON.stringify(wrong)}\n${before.map((entry) => JSON.stringify(entry)).join('\n')}`,
      )
    }
  } finally {
    await rm(root, { recursive: true, force: true })
    tellFigures('linearizability', { keys: histories.size, ...told })
  }
})

async function liveAndDie(directory: string, historyFile: string, seed: number): Promise<void> {
  const lines = String(1 + Math.floor(random() * LINES_MAX))
  const { process: life, ended, complaint } = startChild(child, [directory, historyFile, String(seed), lines])
  await ended
  assert.equal(life.signalCode, 'SIGKILL', `the process ended otherwise: ${complaint()}`)
}

/** The last line may have been cut off by the kill. */
async function takeIn(
  historyFile: string,
  histories: Map<string, Entry[]>,
): Promise<{ calls: number; answers: number }> {
  const told = { calls: 0, answers: 0 }
  const text = await readFile(historyFile, 'utf8')
  for (const line of text.slice(0, text.lastIndexOf('\n') + 1).split('\n')) {
    if (line === '') continue
    const { key, ...entry } = JSON.parse(line) as { key: string } & Exclude<Entry, { stop: true }>
    if ('call' in entry) told.calls++
    else told.answers++
    const history = histories.get(key) ?? []
    histories.set(key, history)
    history.push(entry)
  }
  await rm(historyFile)
  return told
}
