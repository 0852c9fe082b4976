import assert from 'node:assert/strict'
import test from 'node:test'
import { etagListMatches, matchesEtag } from './etag-match.js'

const table: [written: string, one: boolean, list: boolean][] = [
  ['abc', true, true],
  ['"abc"', true, true],
  ['W/"abc"', true, true],
  [' "abc" ', true, true],
  ['*', true, true],
  [' * ', true, true],
  ['"*"', false, false],
  ['ABC', false, false],
  ['"abc', false, false],
  ['""abc""', false, false],
  ['', false, false],
  ['"x", "abc"', false, true],
  ['x,abc,y', false, true],
  ['W/"x",W/"abc"', false, true],
  ['"x", *', false, false], // A star stands alone or is a tag like any other.
  ['"x", "y"', false, false],
  [',', false, false],
]
for (const [written, one, list] of table) {
  test(`${JSON.stringify(written)} ${one ? 'means' : 'does not mean'} abc, and as a list ${list ? 'holds' : 'lacks'} it`, () => {
    assert.equal(matchesEtag(written, 'abc'), one)
    assert.equal(etagListMatches(written, 'abc'), list)
  })
}
