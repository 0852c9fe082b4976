import assert from 'node:assert/strict'
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import { Level } from 'level'
import type { Workload } from './power-cut.js'
import { usePowerCuts } from './use-power-cuts.js'

const script = new URL('./shim.workload.js', import.meta.url)
const { power, skip } = await usePowerCuts()

const SIZE = 256 * 1024
const SEEDS = Array.from({ length: 40 }, (_, seed) => seed)

async function run(scenario: string, options: Omit<Workload, 'script' | 'args'> = {}) {
  await power!.clear()
  const onLine: Workload['onLine'] = (line, kill) => line === 'done' && kill()
  const report = await power!.run({ script, args: [scenario], onLine, ...options })
  assert.ok(report.wasKilled, report.stderr)
  return report
}

const contentOf = async (name: string) => await readFile(join(power!.path, name))

/** What holds after each of many power cuts, as a set of short texts. */
async function outcomes(observe: () => Promise<string>): Promise<string[]> {
  const seen = new Set<string>()
  for (const seed of SEEDS) {
    await power!.cut(seed)
    seen.add(await observe())
  }
  return [...seen].sort()
}

const valuesIn = (bytes: Uint8Array) => [...new Set(bytes)].sort().join()

test('what was synced is there after every power cut, what was not may be gone or there', {
  skip,
}, async () => {
  await run('file')
  await power!.cut(1, 0)
  assert.deepEqual(await readdir(power!.path), ['file'])
  assert.deepEqual(await contentOf('file'), Buffer.alloc(SIZE, 1))
  await power!.cut(1, 1)
  assert.deepEqual((await readdir(power!.path)).sort(), ['file', 'nameless'])
  assert.deepEqual(await contentOf('file'), Buffer.concat([1, 2, 3, 3].map((n) => Buffer.alloc(SIZE / 2, n))))
  const sizes = new Set<number>()
  const parts = new Set<string>()
  const names = await outcomes(async () => {
    const bytes = await contentOf('file')
    assert.equal(valuesIn(bytes.subarray(0, SIZE / 2)), '1')
    assert.match(valuesIn(bytes.subarray(SIZE / 2, SIZE)), /^(1|2|1,2)$/)
    assert.match(valuesIn(bytes.subarray(SIZE)), /^(|0|3|0,3)$/)
    sizes.add(bytes.byteLength)
    parts.add(valuesIn(bytes.subarray(SIZE / 2, SIZE)))
    const found = await readdir(power!.path)
    if (found.includes('nameless')) assert.deepEqual(await contentOf('nameless'), Buffer.alloc(10_000, 4))
    return found.sort().join()
  })
  assert.deepEqual(names, ['file', 'file,nameless'])
  assert.deepEqual([...sizes].sort(), [SIZE, 2 * SIZE])
  assert.deepEqual([...parts].sort(), ['1', '1,2', '2'])
})

test('what was written durably is there after every power cut, and one that fails there is told', {
  skip,
}, async () => {
  assert.deepEqual((await run('through')).lines, ['written', 'done'])
  const seen = await outcomes(async () => {
    const bytes = await contentOf('file')
    return `${valuesIn(bytes.subarray(0, SIZE / 2))} ${valuesIn(bytes.subarray(SIZE / 2))}`
  })
  assert.deepEqual(seen, ['2 1'])
  // The syncs before it: of the file and of its directory.
  const failed = await run('through', { failAt: { call: 3, code: 'EIO' } })
  assert.deepEqual(failed.lines, ['EIO', 'done'])
})

test('a rename is whole or not there, until its directory is synced', { skip }, async () => {
  await run('rename')
  const seen = await outcomes(
    async () => `${(await readdir(power!.path)).sort()}: ${valuesIn(await contentOf('target'))}`,
  )
  assert.deepEqual(seen, ['target,temporary: 1', 'target: 2'])
})

test('a removal may come undone until its directory is synced; a synced rename does not', {
  skip,
}, async () => {
  await run('replace')
  const seen = await outcomes(async () => {
    const names = await readdir(power!.path)
    return names.length === 0 ? 'gone' : `${names}: ${valuesIn(await contentOf('target'))}`
  })
  assert.deepEqual(seen, ['gone', 'target: 2'])
})

test('what a truncation cut off does not come back behind it', { skip }, async () => {
  await run('truncate')
  await outcomes(async () => {
    const bytes = await contentOf('file')
    const middle = valuesIn(bytes.subarray(4_096, SIZE / 2))
    const end = valuesIn(bytes.subarray(SIZE / 2))
    assert.ok(
      (middle === '1' && end === '1') || (middle === '0' && ['0', '0,2', '2'].includes(end)),
      `${middle} ${end}`,
    )
    return ''
  })
})

test('LevelDB keeps what it was told to sync, and loses the rest', { skip }, async () => {
  const count = async (): Promise<[number, number]> => {
    const db = new Level(power!.path)
    const synced = await db.keys({ gte: 'synced', lt: 'synced~' }).all()
    const unsynced = await db.keys({ gte: 'unsynced', lt: 'unsynced~' }).all()
    await db.close()
    return [synced.length, unsynced.length]
  }
  await run('level')
  for (let seed = 0; seed < 5; seed++) {
    await power!.cut(seed, 0)
    assert.deepEqual(await count(), [500, 0])
  }
  await power!.cut(1, 1)
  assert.deepEqual(await count(), [500, 500])
})

test('after a failed sync the next one says nothing of the pages that were lost', { skip }, async () => {
  const report = await run('failed sync', { failAt: { call: 1, code: 'EIO' } })
  assert.deepEqual(report.lines, ['EIO', 'done'])
  const seen = await outcomes(async () => {
    const bytes = await contentOf('file')
    assert.equal(bytes.byteLength, SIZE)
    assert.equal(valuesIn(bytes.subarray(4_096, 8_192)), '2')
    return valuesIn(bytes)
  })
  assert.deepEqual(seen, ['0,1,2', '0,2', '1,2'])
})

test('a child can be killed before each of its durability calls', { skip }, async () => {
  const { calls } = await run('steps')
  assert.equal(calls, 15)
  const kept: number[] = []
  for (let killAt = 1; killAt <= calls; killAt++) {
    const report = await run('steps', { killAt })
    assert.equal(report.calls, killAt)
    const told = report.lines.length
    await power!.cut(killAt, 0)
    const found = (await readdir(power!.path)).includes('counter') ? (await contentOf('counter'))[0]! : 0
    assert.equal(found, told, `killed before call ${killAt}`)
    kept.push(found)
  }
  assert.deepEqual(kept, [0, 0, 0, 1, 1, 1, 2, 2, 2, 3, 3, 3, 4, 4, 4])
})

test('a kill without a power cut keeps what was never synced', { skip }, async () => {
  await run('file', { processOnly: true })
  assert.equal((await contentOf('file')).byteLength, 2 * SIZE)
})
