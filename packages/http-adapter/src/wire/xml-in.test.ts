import assert from 'node:assert/strict'
import test from 'node:test'
import fc from 'fast-check'
import { S3Error } from '../s3-error.js'
import { parseXml } from './xml-in.js'
import { escapeXml, text } from './xml-out.js'

const parse = (xml: string, root = 'R') => parseXml(Buffer.from(xml), root)
const malformed = { name: 'S3Error', code: 'MalformedXML' }

test('elements are found by their names, whatever namespace or prefix they have', () => {
  for (const xml of [
    '<R><A>1</A><A> 2 </A><B/></R>',
    '<R xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><A>1</A><A> 2 </A><B/></R>',
    '<?xml version="1.0" encoding="UTF-8"?>\n<s3:R xmlns:s3="urn:x"><s3:A>1</s3:A><s3:A> 2 </s3:A><s3:B/></s3:R>\n',
    '\ufeff<R><!-- a comment --><A>1</A><A><![CDATA[ 2 ]]></A><B></B><Unknown x="y"/></R>',
  ]) {
    const document = parse(xml)
    assert.equal(document.textOf('A'), '1')
    assert.deepEqual(
      document.all('A').map((element) => element.text),
      ['1', ' 2 '],
    )
    assert.equal(document.textOf('B'), '')
    assert.equal(document.textOf('C'), undefined)
  }
})

test("the five entities and numeric references mean their characters, and white space in a key is the key's", () => {
  assert.equal(parse('<R><K> &amp;&lt;&gt;&quot;&apos;&#x41;&#66; </K></R>').find('K')?.text, ` &<>"'AB `)
})

const refused: Record<string, string> = {
  'nothing at all': '',
  'another root': '<Other/>',
  'an open element': '<R><A></R>',
  'two roots': '<R/><R/>',
  'text beside the root': '<R/>x',
  'a document type': '<!DOCTYPE R><R/>',
  'an internal subset': '<!DOCTYPE R [<!ENTITY a "b">]><R>&a;</R>',
  'an external entity': '<!DOCTYPE R [<!ENTITY a SYSTEM "file:///etc/passwd">]><R>&a;</R>',
  'a billion laughs': '<!DOCTYPE R [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;">]><R>&b;</R>',
  'an unknown entity': '<R>&nbsp;</R>',
  'a processing instruction': '<R><?php echo 1 ?></R>',
  'a reference to no character': '<R>&#0;</R>',
  'a bare ampersand': '<R>a & b</R>',
  'an attribute twice': '<R a="1" a="2"/>',
  'more depth than S3 has': `<R>${'<A>'.repeat(20)}${'</A>'.repeat(20)}</R>`,
  'more elements than S3 has': `<R>${'<A/>'.repeat(200_000)}</R>`,
}
for (const [what, xml] of Object.entries(refused)) {
  test(`${what} is refused as malformed`, () => {
    assert.throws(() => parse(xml), malformed)
  })
}

test('bytes that are not UTF-8 are refused', () => {
  assert.throws(() => parseXml(Uint8Array.of(0x3c, 0x52, 0x3e, 0xff, 0x3c, 0x2f, 0x52, 0x3e), 'R'), malformed)
  assert.throws(() => parseXml(Buffer.from('<R/>', 'utf16le'), 'R'), malformed)
})

test('what is written is read back', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme' }), (value) => {
      // What XML cannot hold is written as S3 writes it, and refused by every strict parser.
      fc.pre(!escapeXml(value).includes('&#x'))
      assert.equal(parse(`<R>${text('K', value)}</R>`).find('K')?.text, value)
    }),
  )
})

test('control characters are written as references, and a carriage return survives', () => {
  assert.equal(escapeXml('a\u0001b'), 'a&#x1;b')
  assert.equal(parse(`<R><K>${escapeXml('a\rb')}</K></R>`).find('K')?.text, 'a\rb')
})

test('no input throws anything but an S3 error, and none takes long', () => {
  const pieces = fc.constantFrom(
    '<R>',
    '</R>',
    '<A',
    '>',
    '</',
    '&',
    ';',
    '&#',
    '<!',
    '[CDATA[',
    ']]>',
    '<?',
    '"',
    '\0',
    ' ',
    'x',
  )
  fc.assert(
    fc.property(fc.array(fc.oneof(pieces, fc.string()), { maxLength: 40 }), (parts) => {
      const bytes = Buffer.from(parts.join(''))
      const startedAt = performance.now()
      try {
        parseXml(bytes, 'R')
      } catch (error) {
        assert.ok(error instanceof S3Error, String(error))
      }
      assert.ok(performance.now() - startedAt < 1_000)
    }),
    { numRuns: 2_000 },
  )
})
