import assert from 'node:assert/strict'
import test from 'node:test'
import fc from 'fast-check'
import { httpDate, parseDate, xmlDate } from './dates.js'

const forms = [
  'Sun, 06 Nov 1994 08:49:37 GMT',
  'Sun, 6 Nov 1994 08:49:37 GMT',
  'sun, 06 nov 1994 08:49:37 gmt',
  'Sun, 06 Nov 1994 08:49:37 +0000',
  'Sunday, 06-Nov-94 08:49:37 GMT',
  'Sun Nov  6 08:49:37 1994',
  '1994-11-06T08:49:37Z',
  '1994-11-06T08:49:37.000Z',
  '19941106T084937Z',
  '1994-11-06T08:49:37+00:00',
]
for (const form of forms) {
  test(`${form} is a date`, () => {
    assert.equal(parseDate(form)?.getTime(), Date.UTC(1994, 10, 6, 8, 49, 37))
  })
}

const none = [
  '',
  'yesterday',
  'Sun, 31 Feb 1994 08:49:37 GMT',
  'Sun, 06 Nov 1994 25:49:37 GMT',
  'Sun, 06 Xyz 1994 08:49:37 GMT',
  'Sun, 06 Nov 1994 08:49:37 PST',
  '1994-11-06',
  '1994-13-06T08:49:37Z',
  '784111777',
]
for (const text of none) {
  test(`"${text}" is no date`, () => {
    assert.equal(parseDate(text), undefined)
  })
}

test('what is written is read back, to the second or to the millisecond', () => {
  fc.assert(
    fc.property(fc.date({ min: new Date(0), max: new Date('9999-12-31'), noInvalidDate: true }), (date) => {
      assert.equal(parseDate(xmlDate(date))?.getTime(), date.getTime())
      assert.equal(parseDate(httpDate(date))?.getTime(), Math.floor(date.getTime() / 1_000) * 1_000)
    }),
  )
})

test('XML has the dates of ISO 8601, whatever was written before', () => {
  fc.assert(
    fc.property(fc.array(fc.date({ noInvalidDate: true })), (dates) => {
      assert.deepEqual(
        dates.map(xmlDate),
        dates.map((date) => date.toISOString()),
      )
    }),
  )
  assert.throws(() => xmlDate(new Date(Number.NaN)), RangeError)
})

test('no text throws', () => {
  fc.assert(fc.property(fc.string(), (text) => void parseDate(text)))
})
