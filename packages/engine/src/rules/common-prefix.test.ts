import assert from 'node:assert/strict'
import test from 'node:test'
import { commonPrefixOf } from './common-prefix.js'

const table: [key: string, prefix: string, delimiter: string, string | undefined][] = [
  ['a/b/c', '', '/', 'a/'],
  ['a/b/c', 'a/', '/', 'a/b/'],
  ['a/b/c', 'a/b', '/', 'a/b/'],
  ['a/b/c', 'a/b/', '/', undefined],
  ['a/', '', '/', 'a/'],
  ['a/', 'a/', '/', undefined],
  ['abc', '', '/', undefined],
  ['/abc', '', '/', '/'],
  ['//abc', '/', '/', '//'],
  ['a--b--c', '', '--', 'a--'],
  ['a---b', 'a-', '--', 'a---'], // The first delimiter that begins after the prefix.
  ['abc', '', '', undefined],
  ['abcabc', 'ab', 'c', 'abc'],
  ['x/y', 'a', '/', undefined],
  ['ä/ö', '', '/', 'ä/'],
  ['😀a😀b', '😀', '😀', '😀a😀'],
  ['a b/c', '', ' ', 'a '],
]
for (const [key, prefix, delimiter, expected] of table) {
  test(`"${key}" after "${prefix}" by "${delimiter}" rolls up into ${JSON.stringify(expected)}`, () => {
    assert.equal(commonPrefixOf(key, prefix, delimiter), expected)
  })
}
