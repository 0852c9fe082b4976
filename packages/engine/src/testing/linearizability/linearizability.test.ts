import assert from 'node:assert/strict'
import test from 'node:test'
import fc from 'fast-check'
import { checkLinearizability } from './check-linearizability.js'
import { type ObjectAnswer, type ObjectOperation, objectSpecification } from './object-specification.js'
import type { HistoryEntry } from './specification.js'

type Entry = HistoryEntry<ObjectOperation, ObjectAnswer>

const call = (n: number, operation: ObjectOperation): Entry => ({ n, call: operation })
const answer = (n: number, told: ObjectAnswer): Entry => ({ n, answer: told })
const put = (content: string): ObjectOperation => ({ verb: 'put', content })
const get: ObjectOperation = { verb: 'get' }
const found = (content: string | null): ObjectAnswer => ({ found: content })
const putFirst = (content: string): ObjectOperation => ({ verb: 'put', content, ifAbsent: true })
const replace = (content: string, ifMatch: string): ObjectOperation => ({ verb: 'put', content, ifMatch })

const histories: readonly [what: string, isRight: boolean, history: readonly Entry[]][] = [
  ['nothing at all', true, []],
  [
    'a read of what was put',
    true,
    [call(1, put('a')), answer(1, 'done'), call(2, get), answer(2, found('a'))],
  ],
  ['a lost write', false, [call(1, put('a')), answer(1, 'done'), call(2, get), answer(2, found(null))]],
  ['a write under way, seen', true, [call(1, put('a')), call(2, get), answer(2, found('a'))]],
  [
    'a write under way, not seen',
    true,
    [call(1, put('a')), call(2, get), answer(2, found(null)), answer(1, 'done')],
  ],
  [
    'a write seen, and then not',
    false,
    [
      call(1, put('a')),
      call(2, get),
      answer(2, found('a')),
      call(3, get),
      answer(3, found(null)),
      answer(1, 'done'),
    ],
  ],
  [
    'two reads that disagree about the order of two writes',
    false,
    [
      ...[call(1, put('a')), call(2, put('b')), answer(1, 'done'), answer(2, 'done')],
      ...[call(3, get), answer(3, found('a')), call(4, get), answer(4, found('b'))],
    ],
  ],
  ['what nobody wrote', false, [call(1, get), answer(1, found('x'))]],
  [
    'two first writers',
    false,
    [call(1, putFirst('a')), call(2, putFirst('b')), answer(1, 'done'), answer(2, 'done')],
  ],
  [
    'one first writer of two',
    true,
    [call(1, putFirst('a')), call(2, putFirst('b')), answer(1, 'refused'), answer(2, 'done')],
  ],
  ['a first writer refused though nothing was there', false, [call(1, putFirst('a')), answer(1, 'refused')]],
  [
    'a stale replacement',
    false,
    [
      ...[call(1, put('a')), answer(1, 'done'), call(2, put('b')), answer(2, 'done')],
      ...[call(3, replace('c', 'a')), answer(3, 'done')],
    ],
  ],
  [
    'a deleted object that is back',
    false,
    [
      ...[call(1, put('a')), answer(1, 'done'), call(2, { verb: 'delete' }), answer(2, 'done')],
      ...[call(3, get), answer(3, found('a'))],
    ],
  ],
  [
    'an append that took the place of another',
    false,
    [
      ...[call(1, { verb: 'append', content: 'a' }), call(2, { verb: 'append', content: 'b' })],
      ...[answer(1, 'done'), answer(2, 'done'), call(3, get), answer(3, found('a'))],
    ],
  ],
  [
    'a write that was under way at a stop, there',
    true,
    [call(1, put('a')), { stop: true }, call(2, get), answer(2, found('a'))],
  ],
  [
    'a write that was under way at a stop, not there',
    true,
    [call(1, put('a')), { stop: true }, call(2, get), answer(2, found(null))],
  ],
  [
    'a write that was under way at a stop, carried out after it',
    false,
    [
      ...[call(1, put('a')), { stop: true } as const, call(2, get), answer(2, found(null))],
      ...[call(3, get), answer(3, found('a'))],
    ],
  ],
]

for (const [what, isRight, history] of histories)
  test(`${what}: ${isRight ? 'explained' : 'found out'}`, () => {
    assert.equal(checkLinearizability(objectSpecification, history) === undefined, isRight)
  })

/** Every order that keeps to real time, tried out. */
function isExplainedBySomeOrder(history: readonly Entry[]): boolean {
  const calls = history.flatMap((entry, at) =>
    'call' in entry ? [{ n: entry.n, at, operation: entry.call }] : [],
  )
  const answers = new Map(
    history.flatMap((entry, at) => ('answer' in entry ? [[entry.n, { at, told: entry.answer }]] : [])),
  )
  const search = (state: string | undefined, left: typeof calls): boolean => {
    const soonest = Math.min(...left.map(({ n }) => answers.get(n)?.at ?? Number.POSITIVE_INFINITY))
    if (left.every(({ n }) => !answers.has(n))) return true
    return left.some((each) => {
      if (each.at > soonest) return false
      const after = objectSpecification.apply(state, each.operation, answers.get(each.n)?.told)
      return (
        after !== 'impossible' &&
        search(
          after,
          left.filter((other) => other !== each),
        )
      )
    })
  }
  return search(undefined, calls)
}

const operations = fc.oneof(
  fc.constant(get),
  fc.constantFrom('a', 'b').map(put),
  fc.constantFrom('a', 'b').map(putFirst),
  fc.constant(replace('c', 'a')),
  fc.constant<ObjectOperation>({ verb: 'delete' }),
  fc.constant<ObjectOperation>({ verb: 'append', content: 'd' }),
)
const told = fc.constantFrom<ObjectAnswer>('done', 'done', 'refused')
const seen = fc.constantFrom(found(null), found('a'), found('b'), found('ad'))
const steps = fc.array(fc.record({ caller: fc.nat(2), operation: operations, told, seen }), { maxLength: 10 })

test('its judgement is that of trying every order', () => {
  let right = 0
  let wrong = 0
  fc.assert(
    fc.property(steps, (asked) => {
      const history: Entry[] = []
      const open = new Map<number, Entry>()
      // A caller's step answers its open call, or makes one; the last calls stay open.
      for (const [n, { caller, operation, told, seen }] of asked.entries()) {
        const last = open.get(caller)
        if (last !== undefined) {
          history.push(last)
          open.delete(caller)
        } else {
          history.push(call(n, operation))
          open.set(caller, answer(n, operation.verb === 'get' ? seen : told))
        }
      }
      const isRight = isExplainedBySomeOrder(history)
      if (isRight) right++
      else wrong++
      assert.equal(checkLinearizability(objectSpecification, history) === undefined, isRight)
    }),
    { numRuns: 3_000 },
  )
  assert.ok(right > 100 && wrong > 100, `${right} right and ${wrong} wrong histories were judged`)
})
