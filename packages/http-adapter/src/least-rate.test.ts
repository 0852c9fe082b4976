import assert from 'node:assert/strict'
import test from 'node:test'
import { type Exchange, LeastRateGuard } from './least-rate.js'

const bytesPerSecond = 1_024
const windowMs = 30_000

/** A guard whose time passes when the test says so; a tick is a second. */
function watched(): {
  guard: LeastRateGuard
  exchange: Exchange
  seconds(count: number): void
  cuts(): number
} {
  const guard = new LeastRateGuard({ bytesPerSecond, windowMs })
  let cuts = 0
  const exchange = guard.begin(() => cuts++)
  const seconds = (count: number): void => {
    for (let second = 0; second < count; second++) guard.tick()
  }
  return { guard, exchange, seconds, cuts: () => cuts }
}

test('a silent client is cut off after the window, once', () => {
  const { exchange, seconds, cuts } = watched()
  exchange.wait()
  seconds(30)
  assert.equal(cuts(), 0)
  seconds(1)
  assert.equal(cuts(), 1)
  seconds(100)
  assert.equal(cuts(), 1)
})

test('a client below the rate is cut off though it is never silent, and one above it never', () => {
  for (const [bytesEachSecond, isCut] of [
    [1, true],
    [900, true],
    [1_024, false],
    [100_000, false],
  ] as const) {
    const { exchange, seconds, cuts } = watched()
    for (let second = 0; second < 600 && cuts() === 0; second++) {
      exchange.wait()
      seconds(1)
      exchange.moved(bytesEachSecond)
    }
    assert.equal(cuts(), isCut ? 1 : 0, `${bytesEachSecond} bytes a second`)
  }
})

test('what a client sent at once buys it no silence', () => {
  const { exchange, seconds, cuts } = watched()
  exchange.wait()
  exchange.moved(100 * 1024 ** 2)
  exchange.wait()
  seconds(31)
  assert.equal(cuts(), 1)
})

test('time in which nobody waits for the client does not count', () => {
  const { exchange, seconds, cuts } = watched()
  seconds(1_000)
  exchange.wait()
  seconds(29)
  exchange.moved(0)
  seconds(1_000)
  assert.equal(cuts(), 0)
})

test('what is under way may take the time that its bytes need at the least rate', () => {
  const { exchange, seconds, cuts } = watched()
  exchange.wait(64 * 1024)
  seconds(30 + 64)
  assert.equal(cuts(), 0)
  seconds(1)
  assert.equal(cuts(), 1)
})

test('an exchange that has ended is not watched', () => {
  const { exchange, seconds, cuts } = watched()
  exchange.wait()
  exchange.end()
  seconds(100)
  assert.equal(cuts(), 0)
})
