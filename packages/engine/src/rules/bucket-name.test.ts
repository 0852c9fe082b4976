import assert from 'node:assert/strict'
import test from 'node:test'
import { isEngineError } from '../errors.js'
import { checkBucketName, zoneOfBucketName } from './bucket-name.js'

const good = [
  'abc',
  '123',
  'a-b',
  'a.b.c',
  'a--b',
  'my-bucket.example.com',
  '1.2.3',
  '1.2.3.4.5',
  '1a.2.3.4',
  'xn-a',
  'sthree',
  'mrap',
  'a.mraps',
  'banana',
  'a'.repeat(63),
  'abc--usw2-az1--x-s3',
]
for (const name of good) {
  test(`"${name}" is a bucket name`, () => checkBucketName(name))
}

const bad = [
  '',
  'ab',
  'a'.repeat(64),
  'Abc',
  'a_b',
  'a b',
  'äbc',
  'abc\n',
  '-abc',
  'abc-',
  '.abc',
  'abc.',
  'a..b',
  'a.-b',
  'a-.b',
  '192.168.5.4',
  '999.999.999.999',
  'xn--abc',
  'sthree-abc',
  'sthree-configurator',
  'amzn-s3-demo-bucket',
  'abc-s3alias',
  'abc--ol-s3',
  'abc.mrap',
  'abc--x-s3',
  'abc----x-s3',
  'abc-usw2-az1--x-s3',
  'a.c--usw2-az1--x-s3',
  `${'a'.repeat(50)}--usw2-az1--x-s3`,
  '--usw2-az1--x-s3',
  'abc--table-s3',
  'abc-123456789012-us-east-1-an',
]
for (const name of bad) {
  test(`${JSON.stringify(name)} is InvalidBucketName`, () => {
    assert.throws(
      () => checkBucketName(name),
      (error) => isEngineError(error, 'InvalidBucketName') && error.details.bucket === name,
    )
  })
}

test('what is no text is a TypeError', () => {
  assert.throws(() => checkBucketName(undefined as unknown as string), TypeError)
})

test('the name of a directory bucket says its zone, and no other name does', () => {
  assert.equal(zoneOfBucketName('logs--usw2-az1--x-s3'), 'usw2-az1')
  assert.equal(zoneOfBucketName('a--b--use1-az4--x-s3'), 'use1-az4')
  for (const name of ['logs', 'logs--x-s3', 'logs--usw2-az1', 'logs--usw2-az1--x-s3x'])
    assert.equal(zoneOfBucketName(name), undefined)
})
