import assert from 'node:assert/strict'
import test from 'node:test'
import fc from 'fast-check'
import { OrderedKeys } from './ordered-keys.js'

test('ordered keys are a sorted set under any additions and removals', () => {
  const key = fc.integer({ min: 0, max: 3_000 }).map((n) => String(n).padStart(4, '0'))
  fc.assert(
    fc.property(
      fc.array(key, { maxLength: 4_000, size: 'max' }),
      fc.array(key, { maxLength: 2_000, size: 'max' }),
      key,
      key,
      (added, removed, from, to) => {
        const keys = new OrderedKeys()
        for (const each of added) keys.add(each)
        for (const each of removed) keys.remove(each)
        const gone = new Set(removed)
        const wanted = [...new Set(added)]
          .filter((each) => !gone.has(each) && each >= from && each < to)
          .sort()
        assert.deepEqual([...keys.upwards(from, to)], wanted)
        assert.deepEqual([...keys.downwards(from, to)], wanted.reverse())
      },
    ),
    { numRuns: 50 },
  )
})
