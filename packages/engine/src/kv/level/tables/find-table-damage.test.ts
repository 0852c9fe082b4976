import assert from 'node:assert/strict'
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import test, { after } from 'node:test'
import { Level } from 'level'
import { nodeDisk } from '../../../disk.js'
import { seededRandom } from '../../../testing/seeded-random.js'
import { findTableDamage } from './find-table-damage.js'

const directory = await mkdtemp(join(tmpdir(), 'aquifer-tables-'))
after(() => rm(directory, { recursive: true, force: true }))
const { signal } = new AbortController()

const level = new Level<string, string>(directory, { compression: false, writeBufferSize: 64 * 1024 })
const random = seededRandom(7)
for (let i = 0; i < 200; i++)
  await level.batch(
    Array.from({ length: 20 }, () => ({ type: 'put', key: `${random()}`, value: `${random()}`.repeat(5) })),
  )
await level.close()
const tables = (await readdir(directory)).filter((name) => name.endsWith('.ldb'))

test('sound tables of every kind of block are found sound', async () => {
  assert.ok(tables.length > 1)
  assert.equal(await findTableDamage(nodeDisk, directory, signal), undefined)
})

test('a flipped bit is found, wherever in a block it is', async () => {
  const path = join(directory, tables[0]!)
  const sound = await readFile(path)
  const footerBytes = 48
  for (let n = 0; n < 200; n++) {
    const at = Math.floor(random() * (sound.length - footerBytes))
    const bytes = Buffer.from(sound)
    bytes[at]! ^= 1 << Math.floor(random() * 8)
    await writeFile(path, bytes)
    assert.match(
      `${await findTableDamage(nodeDisk, directory, signal)}`,
      /damaged|block|restarts|number/,
      `at ${at}`,
    )
  }
  await writeFile(path, sound)
})

test('a table that is cut short, empty or zeroed is damaged', async () => {
  const path = join(directory, tables[0]!)
  const sound = await readFile(path)
  for (const bytes of [
    sound.subarray(0, 100),
    Buffer.alloc(0),
    Buffer.alloc(sound.length),
    sound.subarray(1),
  ]) {
    await writeFile(path, bytes)
    assert.notEqual(await findTableDamage(nodeDisk, directory, signal), undefined)
  }
  await writeFile(path, sound)
})
