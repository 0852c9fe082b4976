import assert from 'node:assert/strict'
import test from 'node:test'
import { IteratorMemory } from './iterator-memory.js'

const MIB = 2 ** 20

test('V8 is told each time that closed iterators keep some 16 MiB more, in few of many rows or many of few', () => {
  for (const [rows, bytes] of [
    [128, 30_000],
    [9, 1_500],
    [1, 0],
  ] as const) {
    let told = 0
    const memory = new IteratorMemory(() => told++)
    let iterators = 0
    while (told < 3) {
      memory.keep(rows, bytes)
      iterators++
    }
    // What LevelDB's iterator itself was measured to take, at the least.
    const keptMib = (iterators * (rows * 64 + bytes)) / MIB / 3
    assert.ok(keptMib <= 16, `${rows} rows: ${keptMib} MiB`)
    assert.ok(
      iterators * (rows * 100 + bytes + 4_200) >= 3 * 16 * MIB,
      `${rows} rows: ${iterators} iterators`,
    )
  }
})
