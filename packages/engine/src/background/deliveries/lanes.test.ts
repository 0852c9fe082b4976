import assert from 'node:assert/strict'
import test from 'node:test'
import { seededRandom } from '../../testing/seeded-random.js'
import { Lanes } from './lanes.js'

test('work of a key is done in order, one at a time, and no more of all keys than there are lanes', async () => {
  const seed = Math.floor(Math.random() * 2 ** 31)
  const random = seededRandom(seed)
  const done = new Map<string, number[]>()
  const busy = new Set<string>()
  const lanes = new Lanes<{ key: string; number: number }>(5, async ({ key, number }) => {
    assert.ok(!busy.has(key), `seed ${seed}`)
    busy.add(key)
    assert.ok(busy.size <= 5, `seed ${seed}`)
    for (let turns = random() * 5; turns > 0; turns--) await new Promise(setImmediate)
    busy.delete(key)
    done.set(key, [...(done.get(key) ?? []), number])
  })
  for (let number = 0; number < 2_000; number++) {
    const key = `k${Math.floor(random() ** 3 * 40)}`
    await lanes.add(key, { key, number })
  }
  await lanes.end()
  const numbers = [...done.values()]
  assert.equal(numbers.flat().length, 2_000)
  for (const each of numbers)
    assert.deepEqual(
      each,
      [...each].sort((a, b) => a - b),
      `seed ${seed}`,
    )
})

test('a key that takes long keeps no other waiting', async () => {
  let end = (): void => {}
  let done = 0
  const lanes = new Lanes<string>(2, async (key) => {
    if (key === 'long') await new Promise<void>((resolve) => (end = resolve))
    done++
  })
  await lanes.add('long', 'long')
  for (let n = 0; n < 500; n++) await lanes.add(`k${n}`, `k${n}`)
  while (done < 500) await new Promise(setImmediate)
  end()
  await lanes.end()
  assert.equal(done, 501)
})

test('whoever adds waits while too much does', async () => {
  let release = (): void => {}
  const held = new Promise<void>((resolve) => {
    release = resolve
  })
  const lanes = new Lanes<number>(1, () => held)
  let added = 0
  const adding = (async () => {
    for (; added < 100; added++) await lanes.add(`k${added}`, added)
  })()
  await new Promise(setImmediate)
  assert.ok(added < 40, `${added}`)
  release()
  await adding
  await lanes.end()
})
