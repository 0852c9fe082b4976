import assert from 'node:assert/strict'
import test from 'node:test'
import { EngineError, storageUnavailable } from '../../errors.js'
import { parseEvents } from './events.js'
import { History } from './history.js'

const A = 'object b/a'
const put = (value: string) => [{ on: A, put: value }]
const erase = [{ on: A, erase: true }] as const

/** A change whose answer comes when it is told to. */
function open(history: History, effects: Parameters<History['change']>[0]) {
  let answer!: { done(): void; fail(error: unknown): void }
  const promise = history.change(
    effects,
    () =>
      new Promise<void>((resolve, reject) => {
        answer = { done: resolve, fail: reject }
      }),
  )
  return {
    async done() {
      answer.done()
      await promise
    },
    async fail(error: unknown) {
      answer.fail(error)
      await promise.catch(() => {})
    },
  }
}

const unknown = () => storageUnavailable('unknown', 'The disk is away.')
const absent = () => storageUnavailable('absent', 'The disk is away.')
/** What is wrong with its being found so, which is a fact from then on. */
function ruleOf(history: History, value: string | undefined): string | undefined {
  const wrong = history.judge(A, value)
  history.settle(new Map(value === undefined ? [] : [[A, value]]))
  return wrong?.rule
}

test('what was acknowledged last must be found', async () => {
  const written = async () => {
    const history = new History()
    await open(history, put('one')).done()
    await open(history, put('two')).done()
    return history
  }
  assert.equal(ruleOf(await written(), 'two'), undefined)
  assert.equal(ruleOf(await written(), 'one'), 'stale')
  assert.equal(ruleOf(await written(), undefined), 'lost')
  assert.equal(ruleOf(await written(), 'three'), 'nobody-wrote')
})

test('a delete that was acknowledged keeps what it deleted away', async () => {
  const history = new History()
  await open(history, put('one')).done()
  await open(history, erase).done()
  assert.equal(ruleOf(history, 'one'), 'resurrected')
})

test('of changes at the same time any may have been the last', async () => {
  for (const found of ['one', 'two']) {
    const history = new History()
    const first = open(history, put('one'))
    const second = open(history, put('two'))
    await second.done()
    await first.done()
    assert.equal(ruleOf(history, found), undefined)
  }
})

test('a change without an answer may have happened or not, until it is seen', async () => {
  for (const [found, other] of [
    ['one', 'two'],
    ['two', 'one'],
  ] as const) {
    const history = new History()
    await open(history, put('one')).done()
    open(history, put('two'))
    assert.equal(ruleOf(history, found), undefined)
    assert.notEqual(ruleOf(history, other), undefined, 'what was seen once is a fact')
  }
})

test('a refused change is never found, and one of unknown outcome is not found behind a later one', async () => {
  const refused = new History()
  await open(refused, put('one')).fail(absent())
  assert.equal(ruleOf(refused, 'one'), 'nobody-wrote')
  const refusedByRule = new History()
  await open(refusedByRule, put('one')).fail(new EngineError('NoSuchBucket', '', { bucket: 'b' }))
  assert.equal(ruleOf(refusedByRule, 'one'), 'nobody-wrote')
  const overtaken = new History()
  await open(overtaken, put('one')).fail(unknown())
  await open(overtaken, put('two')).done()
  assert.equal(ruleOf(overtaken, 'one'), 'stale')
})

test('a copy of unknown outcome may hold whatever its source could have held, and nothing else', async () => {
  const copied = async () => {
    const history = new History()
    await open(history, [{ on: 'object b/source', put: 'one' }]).done()
    open(history, [{ on: A, copy: 'object b/source' }])
    return history
  }
  assert.equal(ruleOf(await copied(), 'one'), undefined)
  assert.equal(ruleOf(await copied(), undefined), undefined)
  assert.equal(ruleOf(await copied(), 'two'), 'nobody-wrote')
})

test('a look along the way sees only what can have been there while it lasted', async () => {
  const history = new History()
  await open(history, put('one')).done()
  await open(history, put('two')).done()
  const see = (saw: string | undefined) =>
    history.look(
      A,
      async () => saw,
      (value) => value,
    )
  await see('two')
  assert.deepEqual(history.takeViolations(), [])
  await see('one')
  await see(undefined)
  assert.deepEqual(
    history.takeViolations().map(({ rule }) => rule),
    ['stale', 'lost'],
  )
})

test('a list shows all there is under its name, and nothing else', async () => {
  const history = new History()
  await open(history, put('one')).done()
  const see = (saw: { [name: string]: string }) =>
    history.look(
      'object b/*',
      async () => saw,
      (value) => value,
    )
  await see({ [A]: 'one' })
  assert.deepEqual(history.takeViolations(), [])
  await see({})
  await see({ [A]: 'one', 'object b/other': 'two' })
  assert.deepEqual(
    history.takeViolations().map(({ rule }) => rule),
    ['lost', 'nobody-wrote'],
  )
})

test('its lines tell another process the same, though the last is torn', async () => {
  const lines: string[] = []
  const writer = new History({ write: (line) => lines.push(line) })
  await open(writer, put('one')).done()
  open(writer, put('two'))
  const reader = new History()
  reader.add(parseEvents(`${lines.join('')}{"n":9,"beg`))
  assert.ok(reader.mayHold(A, 'one') && reader.mayHold(A, 'two'))
  assert.ok(!reader.mayHold(A, undefined))
})
