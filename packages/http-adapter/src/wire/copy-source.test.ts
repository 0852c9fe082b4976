import assert from 'node:assert/strict'
import test from 'node:test'
import { readCopySource } from './copy-source.js'

const read: Record<string, ReturnType<typeof readCopySource>> = {
  'b/k': { bucket: 'b', key: 'k' },
  '/b/k': { bucket: 'b', key: 'k' },
  'b/a%2Fb%20c': { bucket: 'b', key: 'a/b c' },
  'b%2Fk': { bucket: 'b', key: 'k' },
  'b/a+b%2Bc': { bucket: 'b', key: 'a b+c' },
  'b//k': { bucket: 'b', key: '/k' },
  'b/%3FversionId=x': { bucket: 'b', key: '?versionId=x' },
  'b/k?versionId=null': { bucket: 'b', key: 'k', versionId: 'null' },
  'b/%E6%97%A5': { bucket: 'b', key: '日' },
}
for (const [header, source] of Object.entries(read)) {
  test(`${header} names ${source.bucket} and ${source.key}`, () => {
    assert.deepEqual(readCopySource(header), source)
  })
}

const refused: Record<string, string> = {
  '': 'Invalid copy source bucket name',
  '/': 'Invalid copy source bucket name',
  '//k': 'Invalid copy source bucket name',
  b: 'Invalid copy source object key',
  'b/': 'Invalid copy source object key',
  'b/%zz': 'Invalid copy source encoding',
  'b/%ff': 'Invalid copy source encoding',
  'b/k?versionId=': 'Version id cannot be the empty string',
  'b/k?versionId=zzz': 'Invalid version id specified',
}
for (const [header, message] of Object.entries(refused)) {
  test(`"${header}" is refused: ${message}`, () => {
    assert.throws(() => readCopySource(header), { code: 'InvalidArgument', message })
  })
}
