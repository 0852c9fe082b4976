import { copyFile, cp, link, mkdir, readdir, rm, stat } from 'node:fs/promises'
import { join, relative } from 'node:path'
import { Engine } from '@aquifer/engine'
import { History, RecordedEngine } from '@aquifer/engine/testing'
import { openStores } from './stores.js'
import { bytesOf, Workload } from './workload.js'

/** So small that a store of a few megabytes has many segments, and tables in its index. */
const SEGMENT_BYTES = 256 * 1024
const INLINE_MAX_BYTES = 8 * 1024

/** A data directory as it was left behind, what was told of it, and the same directory as it was earlier. */
export interface Template {
  readonly name: 'closed' | 'killed'
  readonly directory: string
  readonly earlier: string
  readonly history: History
}

export async function openEngine(directory: string): Promise<Engine> {
  return Engine.open({
    stores: await openStores(directory, { segmentBytes: SEGMENT_BYTES }),
    background: false,
    inlineMaxBytes: INLINE_MAX_BYTES,
  })
}

/** The kinds of file there are, each with the files of that kind. */
export async function filesByKind(directory: string): Promise<Map<string, string[]>> {
  const kinds = new Map<string, string[]>()
  for (const entry of await readdir(directory, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue
    const path = relative(directory, join(entry.parentPath, entry.name))
    const kind = kindOf(path)
    kinds.set(kind, [...(kinds.get(kind) ?? []), path].sort())
  }
  return kinds
}

/** `index/000012.ldb` is an `index *.ldb`; blobs are all alike. */
function kindOf(path: string): string {
  if (path.startsWith('blobs/')) return 'blobs'
  const [first = '', name = first] = path.split('/')
  const pattern = name.replace(/\d+/, '*')
  return name === first ? pattern : `${first} ${pattern}`
}

/**
 * Works on a store, twice, and leaves it: closed, or as a process that was killed would. Nothing is under way when
 * it is left, so that all is known of what must be found.
 */
export async function makeTemplate(root: string, name: Template['name'], seed: number): Promise<Template> {
  const directory = join(root, name)
  const earlier = join(root, `${name}-earlier`)
  const history = new History()
  const work = async (steps: number, workSeed: number) => {
    const engine = await openEngine(directory)
    const recorded = new RecordedEngine(engine, history)
    await fill(recorded, workSeed)
    const workload = new Workload(recorded, {
      seed: workSeed,
      keys: 30,
      writers: 6,
      listers: 0,
      largeBytes: 60_000,
    })
    await workload.prepare()
    await workload.take(steps)
    return engine
  }
  await (await work(40, seed)).close()
  await cp(directory, earlier, { recursive: true })
  const engine = await work(60, seed + 1)
  if (name === 'closed') {
    await engine.close()
  } else {
    // What a process that dies here would leave: all it wrote, and nothing that closing adds.
    await cp(directory, `${directory}-as-killed`, { recursive: true })
    await engine.close()
    return { name, directory: `${directory}-as-killed`, earlier, history }
  }
  return { name, directory, earlier, history }
}

/** Enough small objects for the journal to have several segments, whatever compaction does. */
async function fill(engine: RecordedEngine, seed: number): Promise<void> {
  await engine.createBucket('red').catch(() => {})
  const keys = Array.from({ length: 100 }, (_, at) => `fill-${at}`)
  await Promise.all(keys.map((key, at) => engine.bucket('red').put(key, bytesOf(seed * 1_000 + at, 5_000))))
}

/** A copy of the template in which this file may be damaged. */
export async function copyOf({ directory }: Template, to: string, file = ''): Promise<void> {
  await rm(to, { recursive: true, force: true })
  for (const path of await readdir(directory, { recursive: true, withFileTypes: true })) {
    const name = relative(directory, join(path.parentPath, path.name))
    if (path.isDirectory()) await mkdir(join(to, name), { recursive: true })
    // Nobody writes to blobs or to the ballast: another name for what is not to be damaged will do.
    else if (name !== file && /^(blobs|journal.ballast)/.test(name))
      await link(join(directory, name), join(to, name))
    else await copyFile(join(directory, name), join(to, name))
  }
}

export const isThere = (path: string): Promise<boolean> =>
  stat(path).then(
    () => true,
    () => false,
  )
