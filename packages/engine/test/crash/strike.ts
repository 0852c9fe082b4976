import assert from 'node:assert/strict'
import { join } from 'node:path'
import { type Engine, EngineError, isEngineError } from '@aquifer/engine'
import { type History, seededRandom } from '@aquifer/engine/testing'
import { compareWithHistory } from '../../dist/testing/history/compare.js'
import { type DamageName, damages } from './damaged-files.js'
import { copyOf, filesByKind, makeTemplate, openEngine, type Template } from './damaged-store.js'
import { useSmallBounds } from './workload.js'

useSmallBounds()

export type State = Template['name']
export type Answer = 'refused' | 'told' | 'mended'
const templates = new Map<State, Template>()

/** Makes the store that will be damaged. Answers which files it has, by their kind. */
export async function prepare({
  root,
  state,
  seed,
}: {
  root: string
  state: State
  seed: number
}): Promise<Map<string, string[]>> {
  const template = await makeTemplate(root, state, seed)
  templates.set(state, template)
  return filesByKind(template.directory)
}

export interface Stroke {
  readonly root: string
  readonly state: State
  readonly file: string
  /** Left out, the copy stays whole. */
  readonly damage?: DamageName
  readonly seed: number
}

/** Damages one file of a copy and asks the store for all it holds. Undefined where nothing could be damaged. */
export async function strike({ root, state, file, damage, seed }: Stroke): Promise<Answer | undefined> {
  const template = templates.get(state)!
  const scratch = join(root, 'scratch')
  await copyOf(template, scratch, file)
  if (damage !== undefined) {
    const isStruck = await damages[damage].strike(
      join(scratch, file),
      seededRandom(seed),
      join(template.earlier, file),
    )
    if (!isStruck) return undefined
  }
  return judge(scratch, template.history.copy())
}

/** What came of it; throws if the store answers wrongly. */
async function judge(directory: string, history: History): Promise<Answer> {
  let engine: Engine
  try {
    engine = await openEngine(directory)
  } catch (error) {
    assert.ok(error instanceof EngineError, `it is refused without a word of ours: ${error}`)
    return 'refused'
  }
  try {
    const violations = await compareWithHistory(engine, history)
    const wrong = violations.filter(({ rule }) => rule !== 'unreadable')
    assert.deepEqual(wrong, [])
    if (violations.length === 0) return 'mended'
    const named: string[] = []
    for await (const { bucket, key } of engine.verify()) named.push(`object ${bucket}/${key}`)
    for (const { what } of violations)
      assert.ok(
        named.some((name) => what.startsWith(`${name}:`)),
        `verify does not name it: ${what}`,
      )
    return 'told'
  } catch (error) {
    if (isEngineError(error)) return 'told'
    throw error
  } finally {
    await engine.close()
  }
}
