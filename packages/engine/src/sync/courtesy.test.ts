import assert from 'node:assert/strict'
import test from 'node:test'
import { Courtesy } from './courtesy.js'

/** How many turns of a loop without pauses are given in a second, while others make so many calls and so much comes in. */
async function turnsInASecond(
  callsPerSecond: number,
  arrivedPerSecond: number,
  { utilization = 1, settledMs = 500 } = {},
): Promise<number> {
  const clock = { now: () => performance.now(), monotonic: () => performance.now() }
  const seen = (perSecond: number) => () => (clock.monotonic() / 1_000) * perSecond
  const courtesy = new Courtesy(clock, 500, {
    ...{ calls: seen(callsPerSecond), arrived: seen(arrivedPerSecond) },
    utilization: () => utilization,
  })
  const signal = new AbortController().signal
  let turns = 0
  let began = performance.now()
  for (let isSettled = false; performance.now() - began < (isSettled ? 500 : settledMs + 100); turns++) {
    await courtesy.turn(1, signal)
    if (turns % 10 === 0) await new Promise(setImmediate)
    // The first look is at nothing.
    if (isSettled || performance.now() - began < settledMs) continue
    isSettled = true
    turns = 0
    began = performance.now()
  }
  return turns * 2
}

test('work that can wait goes as fast as it can while nobody else is there', async () => {
  assert.ok((await turnsInASecond(10, 0)) > 5_000)
})

test('while others are at work and the machine has time left it goes faster than its pace', async () => {
  const free = await turnsInASecond(1_000, 0, { utilization: 0.5, settledMs: 2_600 })
  assert.ok(free > 1_500, `${free}`)
})

test('while others take all of the machine it goes at its pace, or a little faster than it comes in', async () => {
  const steady = await turnsInASecond(1_000, 0)
  assert.ok(steady > 200 && steady < 600, `${steady}`)
  const fast = await turnsInASecond(1_000, 1_000)
  assert.ok(fast > 700 && fast < 1_400, `${fast}`)
})
