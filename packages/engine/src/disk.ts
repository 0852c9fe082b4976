import { constants, readSync } from 'node:fs'
import { type FileHandle, mkdir, open, readdir, rename, rm, stat, statfs, unlink } from 'node:fs/promises'
import { dirname } from 'node:path'
import { DirectWrites } from './direct-writes.js'

/** A file opened through the disk. Offsets are always explicit: there is no file position. */
export interface DiskFile {
  /** May return fewer bytes than asked for, 0 at the end of the file. */
  read(buffer: Uint8Array, fileOffset: number): Promise<number>
  /** The same within this tick, where the disk can: for small reads that mostly come from memory. */
  readSync?(buffer: Uint8Array, fileOffset: number): number
  /**
   * Writes all of it, going on after short writes. Who writes much at a time takes the bytes from `alignedMemory`: they may
   * then go to the device by themselves, where the disk can do that.
   */
  write(bytes: Uint8Array, fileOffset: number): Promise<void>
  /**
   * `write` and `sync` of the same bytes in one step, where the disk can: once it resolves they survive a power cut. One
   * step is one wait for a thread, of which small writes have more than of the disk.
   */
  writeDurably?(bytes: Uint8Array, fileOffset: number): Promise<void>
  truncate(sizeBytes: number): Promise<void>
  /** The file's bytes and the size needed to read them back survive a power cut when it resolves. */
  sync(): Promise<void>
  size(): Promise<number>
  /** Waits for the operations under way. */
  close(): Promise<void>
}

/** The only way to the file system, so that tests can break it. Paths are absolute. Errors are Node's, with `code`. */
export interface Disk {
  /** `'create'` fails with EEXIST where the file is there; `'write'` and `'read'` fail with ENOENT where it is not. */
  open(path: string, mode: 'create' | 'write' | 'read'): Promise<DiskFile>
  rename(from: string, to: string): Promise<void>
  unlink(path: string): Promise<void>
  makeDirectory(path: string): Promise<void>
  removeDirectory(path: string): Promise<void>
  list(path: string): Promise<string[]>
  /** Creations, renames and removals in this directory survive a power cut when it resolves. */
  syncDirectory(path: string): Promise<void>
  /** Undefined where there is nothing. */
  sizeOf(path: string): Promise<number | undefined>
  space(path: string): Promise<{ freeBytes: number; totalBytes: number }>
}

/** Makes the directory and what is missing above it, each entry durable before the next is made. */
export async function makeDirectoryDurably(disk: Disk, path: string): Promise<void> {
  const parent = dirname(path)
  if (parent === path) return
  const isThere = (await disk.sizeOf(path)) !== undefined
  if (!isThere) {
    await makeDirectoryDurably(disk, parent)
    await disk.makeDirectory(path)
  }
  try {
    // Also where it was there: a process that died may have made it without the sync.
    await disk.syncDirectory(parent)
  } catch (error) {
    // A parent that we may not read is another's, and so is an entry that was there.
    if (!isThere || (error as NodeJS.ErrnoException).code !== 'EACCES') throw error
  }
}

/**
 * Whether a write to a file opened so reaches what a sync of its data reaches. On macOS, whose `O_DSYNC` leaves the bytes
 * in the drive's own memory, it does not.
 */
const WRITES_THROUGH = process.platform === 'linux' ? constants.O_DSYNC : 0

const flags = {
  create: constants.O_RDWR | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW,
  write: constants.O_RDWR | constants.O_NOFOLLOW | WRITES_THROUGH,
  read: constants.O_RDONLY | constants.O_NOFOLLOW,
}

interface FileTraits {
  readonly direct?: DirectWrites
  readonly writesThrough: boolean
}

class NodeFile implements DiskFile {
  readonly #handle: FileHandle
  readonly #direct: DirectWrites | undefined
  readonly writeDurably?: (bytes: Uint8Array, fileOffset: number) => Promise<void>
  constructor(handle: FileHandle, { direct, writesThrough }: FileTraits) {
    this.#handle = handle
    this.#direct = direct
    if (writesThrough) this.writeDurably = this.write
  }
  async read(buffer: Uint8Array, fileOffset: number): Promise<number> {
    return (await this.#handle.read(buffer, 0, buffer.byteLength, fileOffset)).bytesRead
  }
  readSync(buffer: Uint8Array, fileOffset: number): number {
    return readSync(this.#handle.fd, buffer, 0, buffer.byteLength, fileOffset)
  }
  async write(bytes: Uint8Array, fileOffset: number): Promise<void> {
    let written = (await this.#direct?.write(bytes, fileOffset)) ?? 0
    while (written < bytes.byteLength) {
      const rest = bytes.byteLength - written
      written += (await this.#handle.write(bytes, written, rest, fileOffset + written)).bytesWritten
    }
  }
  truncate(sizeBytes: number): Promise<void> {
    return this.#handle.truncate(sizeBytes)
  }
  sync(): Promise<void> {
    return this.#handle.datasync()
  }
  async size(): Promise<number> {
    return (await this.#handle.stat()).size
  }
  async close(): Promise<void> {
    try {
      await this.#direct?.close()
    } finally {
      await this.#handle.close()
    }
  }
}

/**
 * With its parents. Not by `mkdir`'s own `recursive`, which never ends where a directory that is there says ENOENT
 * to a new entry, as `/proc` does.
 */
async function makeDirectory(path: string): Promise<void> {
  try {
    await makeOne(path)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT' || dirname(path) === path) throw error
    await makeDirectory(dirname(path))
    await makeOne(path)
  }
}

async function makeOne(path: string): Promise<void> {
  try {
    await mkdir(path, 0o700)
  } catch (error) {
    const isThere = (error as NodeJS.ErrnoException).code === 'EEXIST' && (await stat(path)).isDirectory()
    if (!isThere) throw error
  }
}

export const nodeDisk: Disk = {
  open: async (path, mode) =>
    new NodeFile(await open(path, flags[mode], 0o600), {
      ...(mode === 'create' && { direct: new DirectWrites(path) }),
      writesThrough: mode === 'write' && WRITES_THROUGH !== 0,
    }),
  rename,
  unlink,
  makeDirectory,
  removeDirectory: (path) => rm(path, { recursive: true, force: true }),
  list: (path) => readdir(path),
  async syncDirectory(path) {
    const handle = await open(path, constants.O_RDONLY | constants.O_DIRECTORY)
    try {
      await handle.sync()
    } finally {
      await handle.close()
    }
  },
  async sizeOf(path) {
    try {
      return (await stat(path)).size
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
      throw error
    }
  },
  async space(path) {
    const { bavail, blocks, bsize } = await statfs(path)
    return { freeBytes: bavail * bsize, totalBytes: blocks * bsize }
  },
}

/** For small files that are read whole; the caller knows that they are small. */
export async function readWholeFile(disk: Disk, path: string): Promise<Uint8Array> {
  const file = await disk.open(path, 'read')
  try {
    const bytes = new Uint8Array(await file.size())
    return bytes.subarray(0, await readFully(file, bytes, 0))
  } finally {
    await file.close()
  }
}

/** Fills the buffer. Answers how much of it: less only where the file ends. */
export async function readFully(file: DiskFile, buffer: Uint8Array, fileOffset: number): Promise<number> {
  let filled = 0
  while (filled < buffer.byteLength) {
    const read = await file.read(buffer.subarray(filled), fileOffset + filled)
    if (read === 0) break
    filled += read
  }
  return filled
}

/** Writes all of it, durable when it resolves. */
export async function writeDurably(file: DiskFile, bytes: Uint8Array, fileOffset: number): Promise<void> {
  if (file.writeDurably !== undefined) return file.writeDurably(bytes, fileOffset)
  await file.write(bytes, fileOffset)
  await file.sync()
}
