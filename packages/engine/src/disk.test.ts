import assert from 'node:assert/strict'
import { existsSync } from 'node:fs'
import { mkdtemp, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import test from 'node:test'
import { alignedMemory } from './aligned-memory.js'
import { nodeDisk, readWholeFile } from './disk.js'

test('a directory is made with its parents, and again without complaint, but not in place of a file', async () => {
  const scratch = await mkdtemp(join(tmpdir(), 'aquifer-disk-'))
  try {
    const path = join(scratch, 'a', 'b', 'c')
    await Promise.all([nodeDisk.makeDirectory(path), nodeDisk.makeDirectory(path)])
    await nodeDisk.makeDirectory(path)
    assert.ok((await stat(path)).isDirectory())
    await writeFile(join(scratch, 'file'), '')
    await assert.rejects(nodeDisk.makeDirectory(join(scratch, 'file')), { code: 'EEXIST' })
    await assert.rejects(nodeDisk.makeDirectory(join(scratch, 'file', 'below')), { code: 'ENOTDIR' })
  } finally {
    await rm(scratch, { recursive: true })
  }
})

test('where no directory can be made, trying ends', {
  skip: !existsSync('/proc/self') && 'no /proc here',
}, async () => {
  await assert.rejects(nodeDisk.makeDirectory('/proc/nothing/below'), { code: 'ENOENT' })
})

test('what was written past the page cache and through it reads as one file, whatever lies where', async () => {
  const scratch = await mkdtemp(join(tmpdir(), 'aquifer-disk-'))
  try {
    const memory = alignedMemory(4 * 1024 * 1024)
    for (let at = 0; at < memory.byteLength; at++) memory[at] = (at >> 9) ^ at
    // Aligned and not, long and short, in pieces that begin where another has ended.
    const cuts = [0, 1_048_576, 1_048_700, 1_572_992, 2_097_280, 2_101_248, 3_149_824, 3_149_825, 4_194_304]
    const path = join(scratch, 'file')
    const file = await nodeDisk.open(path, 'create')
    for (const [n, start] of cuts.slice(0, -1).entries())
      await file.write(memory.subarray(start, cuts[n + 1]), start)
    await file.sync()
    // The same bytes from memory of another alignment than the offset's, over what is there.
    await file.write(memory.subarray(512, 1_049_088), 512)
    await file.sync()
    await file.close()
    assert.ok(Buffer.from(memory).equals(await readWholeFile(nodeDisk, path)))
  } finally {
    await rm(scratch, { recursive: true })
  }
})
