import assert from 'node:assert/strict'
import test from 'node:test'
import { Pins } from './pins.js'

const body = new Uint8Array(16).fill(7)
const other = new Uint8Array(16).fill(8)

function counted() {
  const pins = new Pins()
  let told = 0
  pins.onFree(() => told++)
  return { pins, told: () => told }
}

test('who found a body held is told once, when its last hold has gone', () => {
  const { pins, told } = counted()
  const [first, second] = [pins.hold(body), pins.hold(body)]
  assert.equal(pins.isHeld(body), true)
  first()
  first()
  assert.equal(told(), 0)
  second()
  assert.equal(told(), 1)
  assert.equal(pins.isHeld(body), false)
})

test('a reader whom nobody waits for ends without a word', () => {
  const { pins, told } = counted()
  const release = pins.hold(body)
  assert.equal(pins.isHeld(other), false)
  release()
  const later = pins.hold(body)
  later()
  assert.equal(told(), 0)
})
