import assert from 'node:assert/strict'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import test from 'node:test'
import fc from 'fast-check'
import { type Disk, type DiskFile, nodeDisk } from '../../disk.js'
import { SimulatedDisk } from './simulated-disk.js'

const path = fc.constantFrom('a', 'b', 'd', 'd/a', 'd/e', 'd/e/a', 'none/a')
const offset = fc.nat(12_000)
const step = fc.oneof(
  fc.record({ verb: fc.constantFrom('create', 'write', 'read'), path, offset, length: offset }),
  fc.record({ verb: fc.constant('truncate'), path, offset }),
  fc.record({
    verb: fc.constantFrom('unlink', 'makeDirectory', 'removeDirectory', 'list', 'sizeOf', 'syncDirectory'),
    path,
  }),
  fc.record({ verb: fc.constant('rename'), path, to: path }),
)
type Step = { verb: string; path: string; offset?: number; length?: number; to?: string }

async function take(
  disk: Disk,
  root: string,
  { verb, path, offset = 0, length = 0, to }: Step,
): Promise<unknown> {
  const at = join(root, path)
  switch (verb) {
    case 'create':
    case 'write':
      return using(disk, at, verb, (file) => file.write(new Uint8Array(length).fill(offset + length), offset))
    case 'read':
      return using(disk, at, verb, async (file) => {
        const buffer = new Uint8Array(length + 1) // Of a directory only the reading fails, if anything is asked for.
        const read = await file.read(buffer, offset)
        return [read, await file.size(), [...buffer]]
      })
    case 'truncate':
      return using(disk, at, 'write', (file) => file.truncate(offset))
    case 'rename':
      return disk.rename(at, join(root, to!))
    case 'list':
      return (await disk.list(at)).sort()
    case 'sizeOf': {
      const sizeBytes = await disk.sizeOf(at)
      const isDirectory = await disk.list(at).then(
        () => true,
        () => false,
      )
      return isDirectory ? sizeBytes !== undefined : sizeBytes // Directories have what size their file system likes.
    }
    default:
      return disk[verb as 'unlink' | 'makeDirectory' | 'removeDirectory' | 'syncDirectory'](at)
  }
}

async function using<T>(
  disk: Disk,
  path: string,
  mode: 'create' | 'write' | 'read',
  use: (file: DiskFile) => Promise<T>,
): Promise<T> {
  const file = await disk.open(path, mode)
  try {
    return await use(file)
  } finally {
    await file.close()
  }
}

test('unbroken, it answers as the real disk does', async () => {
  const scratch = await mkdtemp(join(tmpdir(), 'aquifer-disk-'))
  let run = 0
  const agree = async (steps: Step[]) => {
    const root = join(scratch, String(++run))
    const simulated = new SimulatedDisk({ seed: run })
    for (const disk of [simulated, nodeDisk]) await disk.makeDirectory(root)
    for (const each of steps) {
      const [one, other] = await Promise.all(
        [simulated, nodeDisk].map((disk) => take(disk, root, each).catch((error) => ({ code: error.code }))),
      )
      assert.deepEqual(one, other, `${each.verb} ${each.path}`)
    }
    assert.deepEqual(simulated.openFiles, [])
  }
  try {
    await fc.assert(fc.asyncProperty(fc.array(step, { minLength: 5, maxLength: 30 }), agree), {
      numRuns: 200,
    })
  } finally {
    await rm(scratch, { recursive: true, force: true })
  }
})
