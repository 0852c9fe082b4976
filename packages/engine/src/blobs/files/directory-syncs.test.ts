import assert from 'node:assert/strict'
import test from 'node:test'
import { nodeDisk } from '../../disk.js'
import { DirectorySyncs } from './directory-syncs.js'

/** A disk whose directory syncs end when they are told to. */
function heldDisk() {
  const begun: { path: string; end: (error?: Error) => void }[] = []
  const disk = {
    ...nodeDisk,
    syncDirectory: (path: string) =>
      new Promise<void>((resolve, reject) => {
        begun.push({ path, end: (error) => (error === undefined ? resolve() : reject(error)) })
      }),
  }
  return { begun, syncs: new DirectorySyncs(disk) }
}

const turn = () => new Promise((resolve) => setImmediate(resolve))

test('who comes while a sync runs waits for the next, together with all others', async () => {
  const { begun, syncs } = heldDisk()
  const done: string[] = []
  const sync = (name: string) => syncs.sync('/a').then(() => done.push(name))
  const first = sync('first')
  const later = ['second', 'third', 'fourth'].map(sync)
  assert.equal(begun.length, 1)
  begun[0]!.end()
  await first
  await turn()
  assert.deepEqual(done, ['first'])
  assert.equal(begun.length, 2)
  const last = sync('last')
  begun[1]!.end()
  await Promise.all(later)
  await turn()
  assert.deepEqual(done, ['first', 'second', 'third', 'fourth'])
  begun[2]!.end()
  await last
  assert.equal(begun.length, 3)
})

test('directories do not wait for each other', async () => {
  const { begun, syncs } = heldDisk()
  const both = [syncs.sync('/a'), syncs.sync('/b')]
  assert.deepEqual(
    begun.map(({ path }) => path),
    ['/a', '/b'],
  )
  for (const { end } of begun) end()
  await Promise.all(both)
})

test('a failed sync fails those it was for, and the next is tried', async () => {
  const { begun, syncs } = heldDisk()
  const first = assert.rejects(syncs.sync('/a'), /broken/)
  const second = syncs.sync('/a')
  begun[0]!.end(new Error('broken'))
  await first
  await turn()
  begun[1]!.end()
  await second
  const third = syncs.sync('/a')
  begun[2]!.end()
  await third
})
