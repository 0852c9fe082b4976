import assert from 'node:assert/strict'
import test from 'node:test'
import { HotRows } from './hot-rows.js'
import type { IndexRow } from './index-row.js'
import type { LiveIndex } from './live-index.js'

const key = (name: string) => new TextEncoder().encode(name)

/** An index that counts what it is asked. */
function counted() {
  const rows = new Map<string, Partial<IndexRow>>()
  let asked = 0
  const opened = () => ({
    find(wanted: Uint8Array) {
      asked++
      return rows.get(new TextDecoder().decode(wanted)) as IndexRow | undefined
    },
  })
  const live = { current: opened() }
  return {
    rows,
    live,
    hot: new HotRows(live as unknown as LiveIndex),
    openAgain() {
      live.current = opened()
    },
    askedNow() {
      const before = asked
      asked = 0
      return before
    },
  }
}

const row = (revision: number, bytes = 8) => ({ revision, value: new Uint8Array(bytes) })

test('the index is asked once for a key, whether it holds a row or none', () => {
  const { hot, rows, askedNow } = counted()
  rows.set('there', row(1))
  for (let time = 0; time < 3; time++) {
    assert.equal(hot.find(key('there'))?.revision, 1)
    assert.equal(hot.find(key('gone')), undefined)
  }
  assert.equal(askedNow(), 2)
})

test('what was forgotten is asked for again, of both generations', () => {
  const { hot, rows } = counted()
  rows.set('there', row(1))
  hot.find(key('there'))
  for (const others of [0, 600]) {
    for (let other = 0; other < others; other++) hot.find(key(`other ${other}`))
    rows.set('there', row(2 + others))
    hot.forget(key('there'))
    assert.equal(hot.find(key('there'))?.revision, 2 + others)
  }
})

test('an index that was opened again is asked for everything', () => {
  const { hot, rows, openAgain } = counted()
  rows.set('there', row(1))
  hot.find(key('there'))
  rows.set('there', row(2))
  openAgain()
  assert.equal(hot.find(key('there'))?.revision, 2)
})

test('what is asked for again and again stays, among any number of others, and those go', () => {
  const { hot, rows, askedNow } = counted()
  rows.set('bucket', row(1))
  for (let other = 0; other < 5_000; other++) {
    hot.find(key('bucket'))
    hot.find(key(`other ${other}`))
  }
  assert.equal(askedNow(), 5_001)
  hot.find(key('other 0'))
  assert.equal(askedNow(), 1)
})

test('a large value is not kept', () => {
  const { hot, rows, askedNow } = counted()
  rows.set('large', row(1, 2_000))
  hot.find(key('large'))
  hot.find(key('large'))
  assert.equal(askedNow(), 2)
})
