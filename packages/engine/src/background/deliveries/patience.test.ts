import assert from 'node:assert/strict'
import test, { type TestContext } from 'node:test'
import { Patience } from './patience.js'

const PAUSE_MS = 1_000
/** With the fifth by which delays are made unlike. */
const MOST_MS = 1.2 * PAUSE_MS
const TRIAL_MS = 60_000
const CONCURRENCY = 3

type State = 'takes' | 'rests' | 'may be tried' | 'is tried'

/** Lets go on whatever was let through. */
async function turn(): Promise<void> {
  for (let n = 0; n < 10; n++) await Promise.resolve()
}

function open(t: TestContext, { tellsWhenDown = false } = {}) {
  t.mock.timers.enable({ apis: ['setTimeout'] })
  const stopping = new AbortController()
  const retried: number[] = []
  const patience = new Patience({
    ...{ concurrency: CONCURRENCY, tellsWhenDown, retryDelayMs: PAUSE_MS / 4, pauseMaxMs: PAUSE_MS },
    retry: (number) => retried.push(number),
    signal: stopping.signal,
  })
  /** Who has been let through, in order. */
  const through: string[] = []
  const come = async (who: string): Promise<void> => {
    void patience.whileTargetRests().then(() => through.push(who))
    await turn()
  }
  const pass = async (ms: number): Promise<void> => {
    t.mock.timers.tick(ms)
    await turn()
  }
  return { patience, stopping, retried, through, come, pass }
}

type Opened = ReturnType<typeof open>

/** How each state is come to from the first. */
const into: Record<State, (at: Opened) => Promise<void>> = {
  takes: async () => {},
  rests: async ({ patience }) => {
    patience.rests(PAUSE_MS)
  },
  'may be tried': async (at) => {
    await into.rests(at)
    await at.pass(PAUSE_MS)
  },
  'is tried': async (at) => {
    await into['may be tried'](at)
    await at.come('trial')
    assert.deepEqual(at.through, ['trial'])
  },
}

/** By who is let through, and when. */
async function stateOf({ through, come, pass }: Opened): Promise<State> {
  const before = through.length
  await come('first')
  await come('second')
  if (through.length === before + 2) return 'takes'
  if (through.length === before + 1) return 'may be tried'
  await pass(PAUSE_MS)
  return through.length === before ? 'is tried' : 'rests'
}

const events = {
  succeeded: async ({ patience }: Opened) => patience.succeeded(),
  failed: async ({ patience }: Opened) => {
    assert.equal(patience.failed(), undefined)
  },
  'failed as often as there are at a time': async ({ patience }: Opened) => {
    for (let n = 1; n < CONCURRENCY; n++) patience.failed()
    assert.notEqual(patience.failed(), undefined)
  },
  'says that it is down': async ({ patience }: Opened) => {
    patience.rests(PAUSE_MS)
  },
  untried: async ({ patience }: Opened) => patience.untried(),
  'its rest is over': ({ pass }: Opened) => pass(PAUSE_MS),
  'a trial takes too long': ({ pass }: Opened) => pass(TRIAL_MS),
  'is asked for': ({ come }: Opened) => come('one'),
  'is stopped': async ({ stopping }: Opened) => stopping.abort(),
}

const table: Record<keyof typeof events, Record<State, State>> = {
  succeeded: { takes: 'takes', rests: 'takes', 'may be tried': 'takes', 'is tried': 'takes' },
  // It answers, whatever it says. While it rests that is what was under way before.
  failed: { takes: 'takes', rests: 'rests', 'may be tried': 'takes', 'is tried': 'takes' },
  'failed as often as there are at a time': {
    ...{ takes: 'rests', rests: 'rests', 'may be tried': 'rests', 'is tried': 'rests' },
  },
  'says that it is down': { takes: 'rests', rests: 'rests', 'may be tried': 'rests', 'is tried': 'rests' },
  untried: { takes: 'takes', rests: 'rests', 'may be tried': 'may be tried', 'is tried': 'may be tried' },
  'its rest is over': {
    ...{ takes: 'takes', rests: 'may be tried', 'may be tried': 'may be tried', 'is tried': 'is tried' },
  },
  'a trial takes too long': {
    ...{ takes: 'takes', rests: 'may be tried', 'may be tried': 'takes', 'is tried': 'takes' },
  },
  'is asked for': { takes: 'takes', rests: 'rests', 'may be tried': 'is tried', 'is tried': 'is tried' },
  'is stopped': { takes: 'takes', rests: 'takes', 'may be tried': 'takes', 'is tried': 'takes' },
}

for (const [event, rows] of Object.entries(table) as [keyof typeof events, Record<State, State>][])
  for (const [from, to] of Object.entries(rows) as [State, State][])
    test(`a target that ${from}: ${event}, and it ${to}`, async (t) => {
      const at = open(t)
      await into[from](at)
      await events[event](at)
      await turn()
      assert.equal(await stateOf(at), to)
    })

test('when a target has rested one is tried, and whoever was tried in vain comes behind all others', async (t) => {
  const { patience, through, come, pass } = open(t)
  patience.rests(PAUSE_MS)
  for (const who of ['a', 'b', 'c']) await come(who)
  await pass(PAUSE_MS)
  assert.deepEqual(through, ['a'])
  patience.rests(PAUSE_MS)
  await come('a')
  await pass(PAUSE_MS)
  assert.deepEqual(through, ['a', 'b'])
  patience.untried()
  await turn()
  assert.deepEqual(through, ['a', 'b', 'c'], 'it was not given to the target: the next one is tried')
  patience.succeeded()
  await turn()
  assert.deepEqual(through, ['a', 'b', 'c', 'a'])
})

test('a trial that takes longer than a target is waited for has the others go on', async (t) => {
  const { patience, through, come, pass } = open(t)
  patience.rests(PAUSE_MS)
  for (const who of ['a', 'b', 'c']) await come(who)
  await pass(PAUSE_MS)
  await pass(TRIAL_MS - 1)
  assert.deepEqual(through, ['a'])
  await pass(1)
  assert.deepEqual(through, ['a', 'b', 'c'])
})

test('a rest is longer than the one before it, up to the most, and short again once something was taken', async (t) => {
  const { patience, pass } = open(t)
  const restMs = async (): Promise<number> => {
    const ms = patience.rests(PAUSE_MS)
    // Of those that fail together with it none makes it longer.
    for (let n = 0; n < 9; n++) patience.rests(PAUSE_MS)
    await pass(MOST_MS)
    return ms
  }
  const first = await restMs()
  const second = await restMs()
  assert.ok(first < second && second < 0.8 * PAUSE_MS, `${first} ${second}`)
  for (let n = 0; n < 8; n++) await restMs()
  const last = await restMs()
  assert.ok(second < last && last <= MOST_MS, `${first} ${last}`)
  patience.succeeded()
  assert.ok((await restMs()) <= 0.3 * PAUSE_MS)
})

test('of failures that say no such thing it follows that a target is down only where they would not, or where very many wait', async (t) => {
  const { patience } = open(t, { tellsWhenDown: true })
  for (let n = 0; n < 10 * CONCURRENCY; n++) assert.equal(patience.failed(), undefined)
  for (let n = 0; n < 10_000; n++) patience.wait(`k${n}`, n, PAUSE_MS)
  assert.notEqual(patience.failed(), undefined)
})

test('failures in a row are counted anew from each that was taken', async (t) => {
  const { patience } = open(t)
  for (let n = 0; n < 5; n++) {
    for (let failures = 1; failures < CONCURRENCY; failures++) assert.equal(patience.failed(), undefined)
    patience.succeeded()
  }
})

test('a key waits with all its events for its time, and keys whose time comes together are looked at together', async (t) => {
  const { patience, retried, pass } = open(t)
  patience.wait('a', 7, 100)
  patience.wait('b', 4, 150)
  assert.equal(patience.isWaiting('a', 9), true)
  assert.equal(patience.isWaiting('a', 2), true)
  assert.equal(patience.isWaiting('c', 1), false)
  await pass(150)
  assert.equal(patience.isWaiting('a', 9), false)
  assert.deepEqual(retried, [])
  await pass(200)
  assert.deepEqual(retried, [2])
})

test('when a target is back whatever waits is looked at again at once', async (t) => {
  const { patience, retried, pass } = open(t)
  patience.wait('a', 7, 100_000)
  patience.wait('b', 4, 100_000)
  patience.succeeded()
  assert.deepEqual(retried, [], 'it was not down: they failed for reasons of their own')
  patience.rests(PAUSE_MS)
  await pass(PAUSE_MS)
  patience.succeeded()
  assert.deepEqual(retried, [4])
  assert.equal(patience.isWaiting('a', 7), false)
})

test('what failed for a reason of its own waits for its time, however often a target that tells when it is down comes and goes', async (t) => {
  const { patience, retried, pass } = open(t, { tellsWhenDown: true })
  patience.wait('a', 7, 100_000)
  for (let n = 0; n < 5; n++) {
    patience.rests(PAUSE_MS)
    await pass(PAUSE_MS)
    patience.succeeded()
  }
  assert.equal(patience.isWaiting('a', 7), true)
  await pass(100_000)
  await pass(200)
  assert.deepEqual(retried, [7])
})

for (const [what, happens] of [
  ['its target is back', ({ patience }: Opened) => patience.succeeded()],
  ['it is stopped', ({ stopping }: Opened) => stopping.abort()],
] as const)
  test(`whoever rests for longer has rested once ${what}`, async (t) => {
    const at = open(t)
    let isOver = false
    void at.patience.rest(100_000).then(() => {
      isOver = true
    })
    at.patience.rests(PAUSE_MS)
    await turn()
    assert.equal(isOver, false)
    happens(at)
    await turn()
    assert.equal(isOver, true)
  })
