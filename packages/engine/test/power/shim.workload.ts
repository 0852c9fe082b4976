import { writeSync } from 'node:fs'
import { open, rename, unlink } from 'node:fs/promises'
import { join } from 'node:path'
import { nodeDisk } from '@aquifer/engine/stores'
import { Level } from 'level'

const [directory = '', scenario = ''] = process.argv.slice(2)
const path = (name: string) => join(directory, name)
const tell = (line: string | number) => writeSync(1, `${line}\n`)
const MIB = 1024 * 1024
const SIZE = MIB / 4

/** Held to the end: nothing is to be closed here, and Node ends a process whose open files are collected. */
const files: unknown[] = []

async function write(name: string, bytes: Uint8Array, offset = 0, flags = 'r+') {
  const file = await open(path(name), flags)
  files.push(file)
  await file.write(bytes, 0, bytes.byteLength, offset)
  return file
}

const scenarios: Record<string, () => Promise<void>> = {
  async file() {
    const file = await write('file', new Uint8Array(SIZE).fill(1), 0, 'wx')
    await file.datasync()
    await nodeDisk.syncDirectory(directory)
    await file.writev([new Uint8Array(SIZE / 4).fill(2), new Uint8Array(SIZE / 4).fill(2)], SIZE / 2)
    await file.write(new Uint8Array(SIZE).fill(3), 0, SIZE, SIZE)
    await (await write('nameless', new Uint8Array(10_000).fill(4), 0, 'wx')).sync()
  },
  async through() {
    await (await write('file', new Uint8Array(SIZE).fill(1), 0, 'wx')).sync()
    await nodeDisk.syncDirectory(directory)
    const file = await nodeDisk.open(path('file'), 'write')
    files.push(file)
    const written = file.writeDurably!(new Uint8Array(SIZE / 2).fill(2), 0)
    await written.then(
      () => tell('written'),
      (error) => tell(error.code),
    )
  },
  async rename() {
    await (await write('target', new Uint8Array(5_000).fill(1), 0, 'wx')).sync()
    await (await write('temporary', new Uint8Array(5_000).fill(2), 0, 'wx')).sync()
    await nodeDisk.syncDirectory(directory)
    await rename(path('temporary'), path('target'))
  },
  async replace() {
    await scenarios.rename!()
    await nodeDisk.syncDirectory(directory)
    await unlink(path('target'))
  },
  async truncate() {
    const file = await write('file', new Uint8Array(SIZE).fill(1), 0, 'wx')
    await file.sync()
    await nodeDisk.syncDirectory(directory)
    await file.truncate(100)
    await file.write(new Uint8Array(SIZE / 2).fill(2), 0, SIZE / 2, SIZE / 2)
  },
  async level() {
    const db = new Level(directory, { writeBufferSize: 64 * MIB })
    await db.open()
    await nodeDisk.syncDirectory(directory)
    for (let n = 0; n < 500; n++) {
      await db.put(`synced ${n}`, 'x'.repeat(700), { sync: true })
      tell(n)
    }
    for (let n = 0; n < 500; n++) await db.put(`unsynced ${n}`, 'x'.repeat(700))
  },
  async 'failed sync'() {
    const file = await write('file', new Uint8Array(SIZE).fill(1), 0, 'wx')
    await file.sync().catch((error) => tell(error.code))
    await file.write(new Uint8Array(4_096).fill(2), 0, 4_096, 4_096)
    await file.sync()
    await nodeDisk.syncDirectory(directory)
  },
  async steps() {
    for (let n = 1; n <= 5; n++) {
      await (await write('new', new Uint8Array(100).fill(n), 0, 'w')).sync()
      await rename(path('new'), path('counter'))
      await nodeDisk.syncDirectory(directory)
      tell(n)
    }
    await unlink(path('counter'))
  },
}

await scenarios[scenario]!()
tell('done')
// Killed from here: what a process does on its way out, LevelDB's close above all, is not the point.
setInterval(() => {}, 1_000)
