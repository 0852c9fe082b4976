import assert from 'node:assert/strict'
import test from 'node:test'
import { canShareAddress, threadCount } from './thread-count.js'

const machine = (cores: number, nodeVersion = '24.0.0', platform: NodeJS.Platform = 'linux') => ({
  cores,
  nodeVersion,
  platform,
})

test('by itself: none on one core, one on two, and all but one on more', () => {
  const counts = [1, 2, 3, 4, 7, 64].map((cores) => threadCount('auto', machine(cores)))
  assert.deepEqual(counts, [0, 1, 2, 3, 6, 6])
})

test('as many as asked for, but no more than one where they cannot share an address', () => {
  assert.equal(threadCount(4, machine(2)), 4)
  assert.equal(threadCount(0, machine(8)), 0)
  assert.equal(threadCount(4, machine(8, '20.20.0')), 1)
  assert.equal(threadCount('auto', machine(8, '22.11.0')), 1)
  assert.equal(threadCount('auto', machine(8, '24.1.0', 'darwin')), 1)
})

test('sharing an address came with 22.12 and with 23.1', () => {
  const versions = ['20.19.0', '22.11.9', '22.12.0', '23.0.0', '23.1.0', '24.0.0', '26.1.0']
  assert.deepEqual(
    versions.map((version) => canShareAddress(machine(4, version))),
    [false, false, true, false, true, true, true],
  )
})
