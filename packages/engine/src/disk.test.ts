import assert from 'node:assert/strict'
import { existsSync } from 'node:fs'
import { mkdtemp, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import test from 'node:test'
import { nodeDisk } from './disk.js'

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
