import { posix } from 'node:path'
import { SimulatedFile } from './simulated-file.js'

export class SimulatedDirectory {
  /** As the running machine sees it. */
  readonly entries = new Map<string, SimulatedNode>()
  /** What is surely on the disk. */
  readonly onDisk = new Map<string, SimulatedNode>()
}

export type SimulatedNode = SimulatedFile | SimulatedDirectory

interface Edit {
  readonly directory: SimulatedDirectory
  readonly name: string
  readonly node: SimulatedNode | undefined
}

/** One creation, removal or renaming: its edits reach the disk together or not at all. */
type Operation = readonly Edit[]

/**
 * The names. An operation on a name cannot reach the disk before the earlier ones on that name; between names
 * there is no order until a directory is synced.
 */
export class SimulatedTree {
  readonly #root: SimulatedDirectory
  #unsynced: Operation[] = []

  constructor(root = new SimulatedDirectory()) {
    this.#root = root
  }

  find(path: string): SimulatedNode | undefined {
    let node: SimulatedNode | undefined = this.#root
    for (const name of namesOf(path)) {
      if (node === undefined) return undefined
      if (node instanceof SimulatedFile) throw systemError('ENOTDIR', path)
      node = node.entries.get(name)
    }
    return node
  }

  getDirectory(path: string): SimulatedDirectory {
    const node = this.find(path)
    if (node === undefined) throw systemError('ENOENT', path)
    if (!(node instanceof SimulatedDirectory)) throw systemError('ENOTDIR', path)
    return node
  }

  add(path: string, node: SimulatedNode): void {
    this.#do([this.#edit(path, node)])
  }

  remove(path: string): void {
    this.#do([this.#edit(path, undefined)])
  }

  rename(from: string, to: string): void {
    // The order of these refusals is Linux's.
    const source = this.getDirectory(posix.dirname(from))
    const target = this.getDirectory(posix.dirname(to))
    const node = this.find(from)
    if (node === undefined) throw systemError('ENOENT', from)
    if (node instanceof SimulatedDirectory && isWithin(target, node)) throw systemError('EINVAL', to)
    const replaced = this.find(to)
    if (replaced instanceof SimulatedDirectory && isWithin(source, replaced))
      throw systemError('ENOTEMPTY', to)
    if (replaced === node) return
    if (replaced !== undefined) checkReplaceable(node, replaced, to)
    this.#do([this.#edit(from, undefined), this.#edit(to, node)])
  }

  /** What touched this directory is on the disk now, and what had to go before it. */
  sync(directory: SimulatedDirectory): void {
    const needed = new Names()
    const synced: Operation[] = []
    const left: Operation[] = []
    for (const operation of [...this.#unsynced].reverse()) {
      const isNeeded = operation.some((edit) => edit.directory === directory || needed.has(edit))
      if (isNeeded) for (const edit of operation) needed.add(edit)
      const list = isNeeded ? synced : left
      list.unshift(operation)
    }
    for (const operation of synced) for (const edit of operation) apply(edit, edit.directory.onDisk)
    this.#unsynced = left
  }

  /** The same machine after its processes died: nothing is lost and nothing is synced. */
  copy(): SimulatedTree {
    const copies = new Map<SimulatedNode, SimulatedNode>()
    const copyOf = <N extends SimulatedNode>(node: N): N => {
      const known = copies.get(node)
      if (known !== undefined) return known as N
      if (node instanceof SimulatedFile) {
        const file = node.copy()
        copies.set(node, file)
        return file as N
      }
      const directory = new SimulatedDirectory()
      copies.set(node, directory)
      for (const [name, entry] of node.entries) directory.entries.set(name, copyOf(entry))
      for (const [name, entry] of node.onDisk) directory.onDisk.set(name, copyOf(entry))
      return directory as N
    }
    const tree = new SimulatedTree(copyOf(this.#root))
    tree.#unsynced = this.#unsynced.map((operation) =>
      operation.map(({ directory, name, node }) => ({
        directory: copyOf(directory),
        name,
        node: node && copyOf(node),
      })),
    )
    return tree
  }

  /** The tree as a power cut may leave it. `keeps` decides of each unsynced thing whether it got to the disk. */
  afterPowerCut(random: () => number, keeps: () => boolean): SimulatedTree {
    const entriesOf = this.#entriesAfterPowerCut(keeps)
    const build = (old: SimulatedDirectory): SimulatedDirectory => {
      const directory = new SimulatedDirectory()
      for (const [name, node] of entriesOf(old)) {
        const after = node instanceof SimulatedFile ? node.afterPowerCut(random, keeps) : build(node)
        directory.entries.set(name, after)
        directory.onDisk.set(name, after)
      }
      return directory
    }
    return new SimulatedTree(build(this.#root))
  }

  /** Every file with a name, for counting space. */
  files(): SimulatedFile[] {
    const found: SimulatedFile[] = []
    const visit = (directory: SimulatedDirectory): void => {
      for (const node of directory.entries.values()) {
        if (node instanceof SimulatedFile) found.push(node)
        else visit(node)
      }
    }
    visit(this.#root)
    return found
  }

  #entriesAfterPowerCut(keeps: () => boolean): (directory: SimulatedDirectory) => Map<string, SimulatedNode> {
    const changed = new Map<SimulatedDirectory, Map<string, SimulatedNode>>()
    const lost = new Names()
    for (const operation of this.#unsynced) {
      if (operation.some((edit) => lost.has(edit)) || !keeps()) {
        for (const edit of operation) lost.add(edit)
        continue
      }
      for (const edit of operation) {
        const entries = changed.get(edit.directory) ?? new Map(edit.directory.onDisk)
        changed.set(edit.directory, entries)
        apply(edit, entries)
      }
    }
    return (directory) => changed.get(directory) ?? directory.onDisk
  }

  #edit(path: string, node: SimulatedNode | undefined): Edit {
    return { directory: this.getDirectory(posix.dirname(path)), name: posix.basename(path), node }
  }

  #do(operation: Operation): void {
    for (const edit of operation) apply(edit, edit.directory.entries)
    this.#unsynced.push(operation)
  }
}

/** A set of names, each in its directory. */
class Names {
  readonly #names = new Map<SimulatedDirectory, Set<string>>()
  add({ directory, name }: Edit): void {
    const names = this.#names.get(directory) ?? new Set()
    names.add(name)
    this.#names.set(directory, names)
  }
  has({ directory, name }: Edit): boolean {
    return this.#names.get(directory)?.has(name) ?? false
  }
}

function apply({ name, node }: Edit, entries: Map<string, SimulatedNode>): void {
  if (node === undefined) entries.delete(name)
  else entries.set(name, node)
}

function isWithin(directory: SimulatedDirectory, ancestor: SimulatedDirectory): boolean {
  if (directory === ancestor) return true
  for (const node of ancestor.entries.values()) {
    if (node instanceof SimulatedDirectory && isWithin(directory, node)) return true
  }
  return false
}

function checkReplaceable(node: SimulatedNode, replaced: SimulatedNode, path: string): void {
  const isDirectory = node instanceof SimulatedDirectory
  if (replaced instanceof SimulatedFile) {
    if (isDirectory) throw systemError('ENOTDIR', path)
    return
  }
  if (!isDirectory) throw systemError('EISDIR', path)
  if (replaced.entries.size > 0) throw systemError('ENOTEMPTY', path)
}

const namesOf = (path: string): string[] => {
  if (!posix.isAbsolute(path)) throw new TypeError(`The disk was given a path that is not absolute: ${path}`)
  return posix
    .normalize(path)
    .split('/')
    .filter((name) => name !== '')
}

/** An error as Node gives it. */
export function systemError(code: string, path: string, note = 'simulated'): NodeJS.ErrnoException {
  return Object.assign(new Error(`${code}: ${note}, '${path}'`), { code, path })
}
