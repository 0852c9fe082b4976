import assert from 'node:assert/strict'
import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import test, { after } from 'node:test'
import { Level } from 'level'
import { nodeDisk } from '../../../disk.js'
import { seededRandom } from '../../../testing/seeded-random.js'
import { findTableDamage } from './find-table-damage.js'
import { readLiveTables } from './manifest.js'

const root = await mkdtemp(join(tmpdir(), 'aquifer-tables-'))
after(() => rm(root, { recursive: true, force: true }))
const { signal } = new AbortController()
const random = seededRandom(7)
const directory = join(root, 'sound')

async function fill(level: Level<string, string>): Promise<void> {
  for (let i = 0; i < 200; i++)
    await level.batch(
      Array.from({ length: 20 }, () => ({ type: 'put', key: `${random()}`, value: `${random()}`.repeat(5) })),
    )
}

const find = (path: string) => findTableDamage(nodeDisk, path, signal)
const options = { compression: false, writeBufferSize: 64 * 1024, maxFileSize: 1024 * 1024 }
const first = new Level<string, string>(directory, options)
await fill(first)
await first.close()
/** The largest of the tables in use; another file may be what LevelDB was writing when it was closed. */
const table = await largestTable()

async function largestTable(): Promise<string> {
  const manifest = (await readFile(join(directory, 'CURRENT'), 'utf8')).trim()
  const tables = [...readLiveTables(await readFile(join(directory, manifest)))]
  const [number] = tables.sort((one, other) => other[1] - one[1])[0]!
  return join(directory, `${String(number).padStart(6, '0')}.ldb`)
}

test('sound tables are found sound, also while they are written and merged', async () => {
  assert.equal(await find(directory), undefined)
  const level = new Level<string, string>(join(root, 'busy'), options)
  await level.open()
  let isBusy = true
  const filling = fill(level).then(() => {
    isBusy = false
  })
  while (isBusy) assert.equal(await find(join(root, 'busy')), undefined)
  await filling
  await level.close()
})

test('a flipped bit is found, wherever in a block it is', async () => {
  const sound = await readFile(table)
  const footerBytes = 48
  for (let n = 0; n < 100; n++) {
    const at = Math.floor(random() * (sound.length - footerBytes))
    const bytes = Buffer.from(sound)
    bytes[at]! ^= 1 << Math.floor(random() * 8)
    await writeFile(table, bytes)
    assert.match(`${await find(directory)}`, /is damaged/, `at ${at}`)
  }
  await writeFile(table, sound)
})

test('a table that is cut short, empty, zeroed or gone is damage', async () => {
  const sound = await readFile(table)
  for (const bytes of [
    sound.subarray(0, 100),
    Buffer.alloc(0),
    Buffer.alloc(sound.length),
    sound.subarray(1),
  ]) {
    await writeFile(table, bytes)
    assert.match(`${await find(directory)}`, /is damaged/)
  }
  await rm(table)
  assert.match(`${await find(directory)}`, /is missing/)
  await writeFile(table, sound)
})

test('a file that no manifest names is none of our business', async () => {
  const copy = join(root, 'copy')
  await cp(directory, copy, { recursive: true })
  await writeFile(join(copy, '999999.ldb'), 'half a table')
  assert.equal(await find(copy), undefined)
})
