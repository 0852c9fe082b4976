import assert from 'node:assert/strict'
import test from 'node:test'
import { ProgressBar } from './progress-bar.js'

function onTerminal(columns = 80) {
  const time = { now: 0 }
  let shown = ''
  const terminal = { isTTY: true, columns, write: (text: string) => (shown += text) }
  const bar = new ProgressBar(terminal, 'Verifying', () => time.now)
  const drawn = () => {
    const text = shown
    shown = ''
    return text
  }
  return { bar, time, drawn }
}

test('one line is drawn over and over, and is gone at the end', () => {
  const { bar, time, drawn } = onTerminal()
  assert.equal(drawn(), '\r\u001b[KVerifying …', 'before anything is known it shows that it has begun')
  bar.show({ doneBytes: 0, totalBytes: 2_048 })
  assert.equal(drawn(), `\r\u001b[KVerifying ${'░'.repeat(24)}   0 %  0 bytes of 2.00 KiB`)
  time.now = 1_000
  bar.show({ doneBytes: 1_024, totalBytes: 2_048 })
  assert.match(drawn(), /KVerifying █{12}░{12} {2}50 % {2}1\.00 KiB of 2\.00 KiB$/)
  bar[Symbol.dispose]()
  assert.equal(drawn(), '\r\u001b[K')
  bar[Symbol.dispose]()
  assert.equal(drawn(), '')
})

test('it is drawn at the pace of eyes, however often it is told', () => {
  const { bar, time, drawn } = onTerminal()
  drawn()
  for (time.now = 0; time.now < 1_000; time.now++) bar.show({ doneBytes: time.now, totalBytes: 1_000 })
  assert.equal(drawn().split('\r').length - 1, 10)
})

test('after a while it says how long the rest will take, by the pace since the first bytes', () => {
  const { bar, time, drawn } = onTerminal(100)
  const before = 7_000
  time.now = before
  bar.show({ doneBytes: 0, totalBytes: 1e12 })
  drawn()
  for (const [spentMs, share, says] of [
    [2_000, 0.1, /GiB$/],
    [10_000, 0.25, / 30 s left$/],
    [60_000, 0.1, / 9 min left$/],
    [3_600_000, 0.4, / 1\.5 h left$/],
    [4_000_000, 1, /GiB$/],
  ] as const) {
    time.now = before + spentMs
    bar.show({ doneBytes: share * 1e12, totalBytes: 1e12 })
    assert.match(drawn(), says)
  }
})

test('it never wraps', () => {
  const { bar, drawn } = onTerminal(30)
  drawn()
  bar.show({ doneBytes: 1, totalBytes: 2 })
  assert.equal(drawn().length, '\r\u001b[K'.length + 29)
})

test('where no person looks nothing is written', () => {
  const bar = new ProgressBar({ write: () => assert.fail('it wrote') }, 'Verifying')
  bar.show({ doneBytes: 1, totalBytes: 2 })
  bar.clear()
})

test('of a task whose length nobody knows it says what has been done', () => {
  const { bar, time, drawn } = onTerminal(40)
  drawn()
  bar.note('1 version')
  assert.equal(drawn(), '\r\u001b[KVerifying … 1 version')
  bar.note('2 versions')
  assert.equal(drawn(), '', 'not so soon')
  time.now = 1_000
  bar.note('3 versions, 12 bytes; at a-key-that-is-longer-than-the-line')
  assert.equal(drawn(), '\r\u001b[KVerifying … 3 versions, 12 bytes; at a-')
})
