import { copyFile, link, mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { SimulatedDisk, seededRandom } from '@aquifer/engine/testing'
import { restoreFile } from './restore-file.js'

/** How much of what was not synced survives: now and then nothing or all, and the shades between. */
const SURVIVALS = [0, 0.1, 0.5, 0.9, 1]

/** What was there when the watching began, all of it durable. */
interface Initial {
  readonly directories: string[]
  readonly files: Map<string, number>
}

/** What the shim keeps of a watched directory, and how the directory is made again after a power cut. */
export class Shadow {
  readonly #directory: string
  readonly #root: string
  #initial: Initial = { directories: [], files: new Map() }

  constructor(directory: string, root: string) {
    this.#directory = directory
    this.#root = root
  }

  /** Begins anew: what the directory holds now counts as synced. */
  async begin(): Promise<void> {
    await rm(this.#directory, { recursive: true, force: true })
    for (const room of ['live', 'synced']) await mkdir(join(this.#directory, room), { recursive: true })
    const initial: Initial = { directories: [], files: new Map() }
    for (const entry of await readdir(this.#root, { recursive: true, withFileTypes: true })) {
      const path = join(entry.parentPath, entry.name).slice(this.#root.length + 1)
      if (entry.isDirectory()) initial.directories.push(path)
      else initial.files.set(path, initial.files.size + 1)
    }
    for (const [path, id] of initial.files) {
      await copyFile(join(this.#root, path), this.#synced(id))
      await link(join(this.#root, path), this.#live(id))
    }
    this.#initial = initial
    const lines = [...initial.files].map(([path, id]) => `${id}\t${path}\n`)
    await writeFile(join(this.#directory, 'initial'), lines.join(''))
  }

  /**
   * Makes the directory what a power cut may have left of it: a legal subset of what was not synced, chosen by the
   * seed. It may be called again with another seed for another outcome of the same cut.
   */
  async restore(seed: number, survival?: number): Promise<void> {
    const random = seededRandom(seed)
    const drawn = SURVIVALS[Math.floor(random() * SURVIVALS.length)]!
    const odds = survival ?? drawn
    const { names, cuts } = await this.#replay()
    const left = names.crash(seed, { survival: odds })
    await rm(this.#root, { recursive: true, force: true })
    await mkdir(this.#root)
    const visit = async (directory: string): Promise<void> => {
      for (const name of (await left.list(directory)).sort()) {
        const path = join(directory, name)
        const target = join(this.#root, path)
        const id = findId(left, path)
        if (id === undefined) {
          await mkdir(target)
          await visit(path)
          continue
        }
        const file = {
          live: this.#live(id),
          synced: this.#synced(id),
          cutTo: cuts.get(id) ?? Number.POSITIVE_INFINITY,
        }
        await restoreFile(file, target, () => random() < odds)
      }
    }
    await visit('/')
  }

  /** The names, on a simulated disk whose files hold the ids; and how far files were cut since their last sync. */
  async #replay(): Promise<{ names: SimulatedDisk; cuts: Map<number, number> }> {
    const names = new SimulatedDisk()
    const cuts = new Map<number, number>()
    for (const path of this.#initial.directories.sort()) await names.makeDirectory(join('/', path))
    for (const [path, id] of this.#initial.files) await create(names, path, id)
    for (const path of ['', ...this.#initial.directories]) await names.syncDirectory(join('/', path))
    for (const [event, one = '', other = ''] of await this.#events()) {
      const path = join('/', one)
      if (event === 'create') await create(names, other, Number(one))
      else if (event === 'mkdir') await names.makeDirectory(path)
      else if (event === 'rename') await names.rename(path, join('/', other))
      else if (event === 'unlink') await names.unlink(path)
      else if (event === 'rmdir') await names.removeDirectory(path)
      else if (event === 'syncdir') await names.syncDirectory(path)
      else if (event === 'sync') cuts.delete(Number(one))
      else if (event === 'cut') {
        cuts.set(Number(one), Math.min(Number(other), cuts.get(Number(one)) ?? Number(other)))
      } else throw new Error(`The shim told of something unknown: ${event}`)
    }
    return { names, cuts }
  }

  async #events(): Promise<string[][]> {
    const log = await readFile(join(this.#directory, 'log'), 'utf8').catch((error) => {
      if (error.code === 'ENOENT') return ''
      throw error
    })
    // What comes after the last line's end was being written when the process was killed.
    const lines = log.split('\n').slice(0, -1)
    return lines.map((line) => line.split('\t'))
  }

  #live(id: number): string {
    return join(this.#directory, 'live', String(id))
  }

  #synced(id: number): string {
    return join(this.#directory, 'synced', String(id))
  }
}

/** Undefined of a directory. */
function findId(names: SimulatedDisk, path: string): number | undefined {
  try {
    return Number(Buffer.from(names.contentOf(path)).toString())
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EISDIR') return undefined
    throw error
  }
}

async function create(names: SimulatedDisk, path: string, id: number): Promise<void> {
  const file = await names.open(join('/', path), 'create')
  await file.write(Buffer.from(String(id)), 0)
  await file.sync()
  await file.close()
}
