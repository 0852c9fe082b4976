import assert from 'node:assert/strict'
import test from 'node:test'
import { readNote } from './unfinished.js'
import { findAll, findText, textElement } from './xml.js'

test('an element is found whatever stands around it', () => {
  const xml =
    '<?xml version="1.0"?>\n<a:Error xmlns:a="x"><Codes>no</Codes><a:Code b="c"> It &lt;is&#62;&#x26; </a:Code>'
  assert.equal(findText(xml, 'Code'), 'It <is>&')
  assert.equal(findText(xml, 'Message'), undefined)
  assert.equal(findText('<Code>', 'Code'), undefined)
  assert.equal(findText('<Code></Code>', 'Code'), '')
  assert.equal(findText('<Code>&#x110000;&unknown;</Code>', 'Code'), '&#x110000;&unknown;')
})

test('elements that hold others are found in their order, as far as they are whole', () => {
  assert.deepEqual(findAll('<P>1</P><Ps>2</Ps><x:P a="b">3<P>4</x:P></P><P>5', 'P'), ['1', '3<P>4'])
})

test('text that is written is read back', () => {
  for (const text of ['', 'a', '<&>"\'', 'a\r\n\tb', 'ü 字 😀'])
    assert.equal(findText(`<A>${textElement('B', `x${text}x`)}</A>`, 'B'), `x${text}x`)
})

const seed = Number(process.env['AQUIFER_SEED'] ?? Date.now())

test(`no answer, however broken, is more than not understood (AQUIFER_SEED=${seed})`, () => {
  let state = seed >>> 0 || 1
  const random = (below: number): number => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return state % below
  }
  const pieces = [
    '<',
    '>',
    '</',
    'Part',
    '<Part>',
    '</Part>',
    '&',
    '&#',
    '&#x',
    ';',
    ' ',
    ':',
    '"',
    '{',
    '}',
    ',',
  ]
  pieces.push('"uploadId"', '"partSizeBytes"', '"said"', 'null', '[', ']', '1', '\0', '\ud800', 'ü', '<Part ')
  for (let round = 0; round < 3_000; round++) {
    const text = Array.from({ length: random(30) }, () => pieces[random(pieces.length)]).join('')
    findText(text, 'Part')
    findAll(text, 'Part')
    readNote(text)
  }
  // Looked through once: by the square of their lengths these would take long.
  for (const piece of ['<Part>', '<Part ', '<', '<a', '</Part', '&#']) {
    const text = piece.repeat(200_000)
    findText(text, 'Part')
    findAll(text, 'Part')
  }
})
