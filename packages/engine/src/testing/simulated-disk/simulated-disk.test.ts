import assert from 'node:assert/strict'
import test from 'node:test'
import type { Disk } from '../../disk.js'
import { SimulatedDisk } from './simulated-disk.js'

const SEEDS = Array.from({ length: 400 }, (_, n) => n)
const PAGE = 4_096

async function write(disk: Disk, path: string, bytes: Uint8Array, mode: 'create' | 'write' = 'create') {
  const file = await disk.open(path, mode)
  await file.write(bytes, 0)
  return file
}

async function writeDurably(disk: Disk, path: string, bytes: Uint8Array): Promise<void> {
  const file = await write(disk, path, bytes)
  await file.sync()
  await file.close()
  await disk.syncDirectory('/')
}

const filled = (pages: number, value: number) => new Uint8Array(pages * PAGE).fill(value)

/** What the file holds after each of many power cuts; undefined where it is gone. */
async function outcomes(disk: SimulatedDisk, path: string): Promise<(Uint8Array | undefined)[]> {
  return Promise.all(
    SEEDS.map(async (seed) => {
      const after = disk.crash(seed)
      return (await after.sizeOf(path)) === undefined ? undefined : after.contentOf(path)
    }),
  )
}

test('what was synced survives every power cut', async () => {
  const disk = new SimulatedDisk()
  await disk.makeDirectory('/a/b')
  const content = filled(3, 7).subarray(0, 2 * PAGE + 100)
  const file = await write(disk, '/a/b/file', content)
  await file.sync()
  for (const directory of ['/', '/a', '/a/b']) await disk.syncDirectory(directory)
  for (const found of await outcomes(disk, '/a/b/file')) assert.deepEqual(found, content)
})

test('of what was written since the last sync, each page is old, new or torn between sectors', async () => {
  const disk = new SimulatedDisk()
  await writeDurably(disk, '/file', filled(4, 1))
  await write(disk, '/file', filled(4, 2), 'write')
  const seen = new Set<string>()
  for (const found of await outcomes(disk, '/file')) {
    assert.equal(found?.byteLength, 4 * PAGE)
    for (let page = 0; page < 4; page++) {
      const bytes = found!.subarray(page * PAGE, (page + 1) * PAGE)
      for (let at = 0; at < PAGE; at += 512) {
        assert.equal(new Set(bytes.subarray(at, at + 512)).size, 1, 'a sector is whole')
      }
      assert.ok(bytes.every((byte) => byte === 1 || byte === 2))
      seen.add([...new Set(bytes)].sort().join())
    }
  }
  assert.deepEqual([...seen].sort(), ['1', '1,2', '2'])
})

test('an unsynced size may be any that the file has had, its missing bytes zeros', async () => {
  const disk = new SimulatedDisk()
  await writeDurably(disk, '/file', filled(1, 1))
  const file = await disk.open('/file', 'write')
  await file.write(filled(1, 2), PAGE)
  await file.write(filled(1, 3), 2 * PAGE)
  const sizes = new Set<number>()
  const lastPages = new Set<string>()
  for (const found of await outcomes(disk, '/file')) {
    sizes.add(found!.byteLength)
    assert.ok(found!.subarray(0, PAGE).every((byte) => byte === 1))
    lastPages.add([...new Set(found!.subarray(2 * PAGE))].join())
  }
  assert.deepEqual([...sizes].sort(), [PAGE, 2 * PAGE, 3 * PAGE].sort())
  assert.ok(lastPages.has('0') && lastPages.has('3'), 'the size may come without the bytes')
})

test('bytes cut off by a truncation never come back behind it, nor go before it', async () => {
  const disk = new SimulatedDisk()
  await writeDurably(disk, '/file', filled(2, 1))
  const file = await disk.open('/file', 'write')
  await file.truncate(100)
  await file.truncate(2 * PAGE)
  const seen = new Set<string>()
  for (const found of await outcomes(disk, '/file')) {
    const tail = found!.subarray(100)
    seen.add(`${found!.byteLength}: ${[...new Set(tail)].join()}`)
  }
  assert.deepEqual([...seen].sort(), ['100: ', '8192: 0', '8192: 1'])
})

test('a new file may vanish until its directory is synced, whatever was synced of itself', async () => {
  const disk = new SimulatedDisk()
  const file = await write(disk, '/file', filled(1, 1))
  await file.sync()
  const before = await outcomes(disk.kill(), '/file')
  assert.ok(before.some((found) => found === undefined))
  assert.ok(before.some((found) => found?.every((byte) => byte === 1)))
})

test('a new directory may vanish with all it holds until its parent is synced', async () => {
  const disk = new SimulatedDisk()
  await disk.makeDirectory('/a')
  const file = await write(disk, '/a/file', filled(1, 1))
  await file.sync()
  await disk.syncDirectory('/a')
  const found = await outcomes(disk, '/a/file')
  assert.ok(found.some((bytes) => bytes === undefined))
  assert.ok(found.some((bytes) => bytes !== undefined))
})

test('a removed file may come back until its directory is synced', async () => {
  const disk = new SimulatedDisk()
  await writeDurably(disk, '/file', filled(1, 1))
  await disk.unlink('/file')
  assert.ok((await outcomes(disk.kill(), '/file')).some((found) => found !== undefined))
  const synced = disk.kill()
  await synced.syncDirectory('/')
  assert.ok((await outcomes(synced, '/file')).every((found) => found === undefined))
})

test('a rename over a file happens whole or not, and one without a sync of its bytes may leave it empty', async () => {
  const disk = new SimulatedDisk()
  await writeDurably(disk, '/target', filled(1, 1))
  await write(disk, '/new', filled(1, 2))
  await disk.syncDirectory('/')
  await disk.rename('/new', '/target')
  const seen = new Set<string>()
  for (const seed of SEEDS) {
    const after = disk.crash(seed)
    const target = new Set(after.contentOf('/target'))
    const isOld = target.has(1)
    assert.equal((await after.sizeOf('/new')) !== undefined, isOld)
    seen.add(isOld ? 'old' : target.has(2) ? 'new' : 'empty')
  }
  assert.deepEqual([...seen].sort(), ['empty', 'new', 'old'])
})

test('between names there is no order, on one name there is', async () => {
  const disk = new SimulatedDisk()
  await writeDurably(disk, '/x', filled(1, 1))
  await disk.rename('/x', '/y')
  await write(disk, '/x', filled(1, 2))
  await write(disk, '/z', filled(1, 3))
  const seen = new Set<string>()
  for (const seed of SEEDS) {
    const after = disk.crash(seed)
    const names = (await after.list('/')).sort()
    seen.add(names.join())
    if (names.includes('x') && !names.includes('y')) assert.equal(after.contentOf('/x')[0], 1)
  }
  assert.deepEqual([...seen].sort(), ['x', 'x,y', 'x,y,z', 'x,z', 'y', 'y,z'])
})

test('syncing a directory brings along what had to go before', async () => {
  const disk = new SimulatedDisk()
  await disk.makeDirectory('/a')
  await disk.makeDirectory('/b')
  await disk.syncDirectory('/')
  const file = await write(disk, '/a/file', filled(1, 1))
  await file.sync()
  await disk.rename('/a/file', '/b/file')
  await disk.syncDirectory('/b')
  for (const seed of SEEDS) {
    const after = disk.crash(seed)
    assert.deepEqual(after.contentOf('/b/file'), filled(1, 1))
    assert.deepEqual(await after.list('/a'), [])
  }
})

test('after a failed sync the bytes are shown and called clean, but may be lost', async () => {
  const disk = new SimulatedDisk()
  await writeDurably(disk, '/file', filled(8, 1))
  const file = await write(disk, '/file', filled(8, 2), 'write')
  disk.inject({ when: ({ operation }) => operation === 'sync', fault: { kind: 'error', code: 'EIO' } })
  await assert.rejects(file.sync(), { code: 'EIO' })
  await file.sync()
  assert.deepEqual(disk.contentOf('/file'), filled(8, 2))
  const found = await outcomes(disk, '/file')
  assert.deepEqual(new Set(found[0]), new Set([1, 2]))
  for (const each of found) assert.deepEqual(each, found[0])
})

test('a killed process loses nothing, and syncs nothing', async () => {
  const disk = new SimulatedDisk()
  await write(disk, '/file', filled(1, 1))
  const after = disk.kill()
  await assert.rejects(disk.list('/'), { code: 'EIO' })
  assert.deepEqual(after.contentOf('/file'), filled(1, 1))
  assert.deepEqual(after.openFiles, [])
  const found = await outcomes(after, '/file')
  assert.ok(found.some((bytes) => bytes === undefined))
})

test('copies of a killed disk do not share what is done to them', async () => {
  const disk = new SimulatedDisk()
  await writeDurably(disk, '/file', filled(1, 1))
  const one = disk.kill()
  const other = disk.kill()
  await write(one, '/file', filled(1, 9), 'write')
  await one.makeDirectory('/more')
  assert.deepEqual(other.contentOf('/file'), filled(1, 1))
  assert.deepEqual(await other.list('/'), ['file'])
})

test('how much survives a power cut may be asked for', async () => {
  const disk = new SimulatedDisk()
  await writeDurably(disk, '/file', filled(20, 1))
  await write(disk, '/file', filled(20, 2), 'write')
  await write(disk, '/other', filled(1, 3))
  for (let seed = 0; seed < 20; seed++) {
    const nothing = disk.crash(seed, { survival: 0 })
    assert.deepEqual(await nothing.list('/'), ['file'])
    assert.deepEqual(nothing.contentOf('/file'), filled(20, 1))
    const all = disk.crash(seed, { survival: 1 })
    assert.deepEqual(all.contentOf('/file'), filled(20, 2))
    assert.deepEqual(all.contentOf('/other'), filled(1, 3))
  }
})
