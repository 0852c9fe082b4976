import assert from 'node:assert/strict'
import test from 'node:test'
import { S3Error } from '../s3-error.js'
import { readReplicaList } from './replica-list.js'

const versionId = '0123456789abcdef0123456789abcdef'

function lengths(head: number, bytes: number): Buffer {
  const written = Buffer.alloc(8)
  written.writeUInt32BE(head, 0)
  written.writeUInt32BE(bytes, 4)
  return written
}

const entry = (head: string | Buffer, bytes = ''): Buffer =>
  Buffer.concat([
    lengths(Buffer.byteLength(head), bytes.length),
    Buffer.from(head),
    Buffer.from(bytes, 'latin1'),
  ])

const head = (more: object = {}): string => JSON.stringify({ key: 'key', versionId, headers: {}, ...more })

function read(...parts: Buffer[]) {
  return readReplicaList(Buffer.concat(parts)).map(({ key, versionId, headers, bytes }) => ({
    ...{ key, versionId, headers: [...headers] },
    bytes: Buffer.from(bytes).toString('latin1'),
  }))
}

test('entries stand one behind the other, each with its key, its id, its headers and its bytes', () => {
  assert.deepEqual(
    read(
      entry(
        head({ key: 'ä/ü', headers: { 'content-type': 'text/plain', 'x-amz-meta-a': 'gr\xc3\xb6ße' } }),
        'bytes',
      ),
      entry(head({ key: 'empty' })),
      entry(` {"headers":{},\n"versionId":"${versionId}","key":"written otherwise"} `, '\0\xff'),
    ),
    [
      {
        ...{ key: 'ä/ü', versionId },
        headers: [
          ['content-type', 'text/plain'],
          ['x-amz-meta-a', 'gr\xc3\xb6ße'],
        ],
        bytes: 'bytes',
      },
      { key: 'empty', versionId, headers: [], bytes: '' },
      { key: 'written otherwise', versionId, headers: [], bytes: '\0\xff' },
    ],
  )
})

test('names that objects have of themselves are names like any other', () => {
  const [first] = read(
    entry(`{"key":"__proto__","versionId":"toString","headers":{"__proto__":"a","constructor":"b"}}`),
  )
  assert.deepEqual(first, {
    ...{ key: '__proto__', versionId: 'toString', bytes: '' },
    headers: [
      ['__proto__', 'a'],
      ['constructor', 'b'],
    ],
  })
  assert.equal(({} as { a?: unknown }).a, undefined)
})

test('a value loses the blanks at its ends, as it does on its way in a header', () => {
  assert.deepEqual(read(entry(head({ headers: { a: ' \tb c\xa0 ' } })))[0]!.headers, [['a', 'b c\xa0']])
})

test('of a name that is written twice the last value counts, as JSON has it', () => {
  const twice = `{"key":"key","versionId":"${versionId}","headers":{"a":"1","a":"2"}}`
  assert.deepEqual(read(entry(twice))[0]!.headers, [['a', '2']])
})

test('what is no list of entries is refused with what is wrong with it', () => {
  const good = entry(head(), 'bytes')
  const names = Array.from({ length: 5_000 }, (_, at) => [`${at}`, ''])
  const manyHeaders = entry(head({ headers: Object.fromEntries(names) }))
  const lists: [list: Buffer | Buffer[], why: RegExp][] = [
    [Buffer.alloc(0), /no entries/],
    [Buffer.alloc(1), /within the lengths/],
    [[good, Buffer.alloc(7)], /within the lengths/],
    [good.subarray(0, -1), /longer than what is left/],
    [good.subarray(0, 12), /longer than what is left/],
    [[lengths(0xffff_ffff, 0), good], /longer than what is left/],
    [[lengths(0, 0xffff_ffff), good], /longer than what is left/],
    [[lengths(0xffff_ffff, 0xffff_ffff), good], /longer than what is left/],
    [lengths(0, 0), /not JSON/],
    [Buffer.alloc(64), /not JSON/],
    [entry('{'), /not JSON/],
    [entry(`${head()}x`), /not JSON/],
    [entry(`\ufeff${head()}`), /not JSON/],
    [entry(Buffer.from([0x22, 0xff, 0x22])), /not UTF-8/],
    [entry('null'), /"key", "versionId" and "headers"/],
    [entry('[]'), /"key", "versionId" and "headers"/],
    [entry('"text"'), /"key", "versionId" and "headers"/],
    [entry('{}'), /"key", "versionId" and "headers"/],
    [entry(head({ more: 1 })), /nothing else/],
    [entry(head({ key: undefined, more: '' })), /"key" is a text/],
    [entry(head({ key: undefined })), /"key", "versionId" and "headers"/],
    [entry(`{"__proto__":{"key":"a"},"versionId":"a","headers":{}}`), /"key" is a text/],
    [entry(head({ key: '' })), /"key" is a text/],
    [entry(head({ key: 1 })), /"key" is a text/],
    [entry(head({ key: null })), /"key" is a text/],
    [entry(head({ key: '\ud800' })), /"key" is a text/],
    [entry(head({ versionId: 1 })), /"versionId" is a text/],
    [entry(head({ versionId: '\udc00' })), /"versionId" is a text/],
    [entry(head({ headers: null })), /"headers" is an object/],
    [entry(head({ headers: [] })), /"headers" is an object/],
    [entry(head({ headers: 'a: b' })), /"headers" is an object/],
    [entry(head({ headers: { a: 1 } })), /the header a/],
    [entry(head({ headers: { a: null } })), /the header a/],
    [entry(head({ headers: { a: ['b'] } })), /the header a/],
    [entry(head({ headers: { a: 'b\r\nc: d' } })), /the header a/],
    [entry(head({ headers: { a: 'b\0' } })), /the header a/],
    [entry(head({ headers: { a: 'Ā' } })), /the header a/],
    [entry(head({ headers: { A: 'b' } })), /in lower case/],
    [entry(head({ headers: { '': 'b' } })), /in lower case/],
    [entry(head({ headers: { 'a b': 'b' } })), /in lower case/],
    [entry(head({ headers: { 'a:': 'b' } })), /in lower case/],
    [entry(head({ headers: { ä: 'b' } })), /in lower case/],
    [Array.from({ length: 1_001 }, () => good), /more than 1000/],
    [entry(head({ headers: { a: 'b'.repeat(65_536) } })), /more than 65536 bytes/],
    [Array.from({ length: 11 }, () => manyHeaders), /more than 50000 headers/],
  ]
  for (const [list, why] of lists) {
    const parts = Array.isArray(list) ? list : [list]
    assert.throws(
      () => read(...parts),
      (error) => error instanceof S3Error && error.code === 'InvalidRequest' && why.test(error.message),
      String(why),
    )
  }
  assert.equal(read(...Array.from({ length: 1_000 }, () => good)).length, 1_000)
  assert.equal(read(...Array.from({ length: 10 }, () => manyHeaders)).length, 10)
})
