import assert from 'node:assert/strict'
import test from 'node:test'
import { Pace } from './pace.js'

const MIB = 1024 * 1024

function paceAt(): { pace: Pace; takes: (mib: number, ms: number) => boolean } {
  let time = 1_000
  const pace = new Pace({ now: () => 0, monotonic: () => time })
  return {
    pace,
    takes(mib, ms) {
      for (let block = 0; block < mib * 16; block++) {
        time += ms / (mib * 16)
        pace.taken(MIB / 16)
      }
      return pace.isQuick
    },
  }
}

test('nobody is quick before four megabytes were taken', () => {
  const { pace, takes } = paceAt()
  assert.equal(pace.isQuick, false)
  assert.equal(takes(3.9375, 1), false)
  assert.equal(takes(0.0625, 1), true)
})

test('ten megabytes a second are quick, less is not', () => {
  assert.equal(paceAt().takes(4, 399), true)
  assert.equal(paceAt().takes(4, 401), false)
})

test('who turns slow loses it, who turns quick gains it', () => {
  const { takes } = paceAt()
  assert.equal(takes(4, 10), true)
  assert.equal(takes(4, 10_000), false)
  assert.equal(takes(4, 10), true)
})
