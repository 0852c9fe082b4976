import assert from 'node:assert/strict'
import test from 'node:test'
import { describeHealth, whole } from './health.js'

test('a store in which nothing is wrong is ready, and no more is said', () => {
  assert.deepEqual(describeHealth(whole), ['ready'])
})

test('each thing that is wrong is a line of its own', () => {
  const ill = { isServing: true, writes: 'freeing', isVerified: false, quarantinedFiles: 2 } as const
  assert.deepEqual(describeHealth(ill), [
    'ready',
    'storage full: only deletions are carried out',
    'unverified: the index has not been read back yet',
    'quarantine: 2 damaged files are kept there',
  ])
  assert.deepEqual(describeHealth({ ...whole, writes: 'none' }), [
    'ready',
    'writes fail: the disk refuses them',
  ])
  assert.deepEqual(describeHealth({ ...whole, isServing: false, isVerified: false }), [
    'recovering: the index is made anew',
  ])
})
