import assert from 'node:assert/strict'
import test from 'node:test'
import { Window } from './window.js'

test('one at a time to begin with, more with what is removed, and never more than the most', async () => {
  const window = new Window(3)
  let open = 0
  let most = 0
  const enter = async () => {
    await window.enter()
    most = Math.max(most, ++open)
  }
  const leave = (isRemoved: boolean) => {
    open--
    window.leave({ isRemoved })
  }
  const carry = async (count: number, isRemoved: boolean) => {
    most = 0
    await Promise.all(
      Array.from({ length: count }, async () => {
        await enter()
        await new Promise(setImmediate)
        leave(isRemoved)
      }),
    )
    return most
  }
  assert.equal(await carry(31, true), 1)
  assert.equal(await carry(40, false), 1)
  await carry(1, true)
  assert.equal(await carry(10, false), 2)
  await carry(1_000, true)
  assert.equal(await carry(10, false), 3)
})
