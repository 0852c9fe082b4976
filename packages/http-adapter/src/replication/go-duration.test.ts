import assert from 'node:assert/strict'
import test from 'node:test'
import { S3Error } from '../s3-error.js'
import { readGoDuration } from './go-duration.js'

const table: [text: string | undefined, ms: number | undefined][] = [
  [undefined, undefined],
  ['', undefined],
  ['0', 0],
  ['0s', 0],
  ['240h', 864_000_000],
  ['1h30m', 5_400_000],
  ['1.5s', 1_500],
  ['2m3s4ms', 123_004],
  ['999us', 0],
  ['1000µs', 1],
  ['1500000ns', 1],
]
for (const [text, ms] of table)
  test(`${text} is ${ms} milliseconds`, () => {
    assert.equal(readGoDuration('older-than', text), ms)
  })

for (const text of ['1', '1d', 'h', '-1h', '1h ', '1h30', '1,5s', '.s', '1h'.repeat(99)])
  test(`${text} is no duration`, () => {
    assert.throws(() => readGoDuration('older-than', text), S3Error)
  })
