import assert from 'node:assert/strict'
import test from 'node:test'
import type { DiskFault } from './faults.js'
import { SimulatedDisk } from './simulated-disk.js'
import { sweepFaults } from './sweep-faults.js'

const bytes = (length: number, value = 1) => new Uint8Array(length).fill(value)
const eio = { kind: 'error', code: 'EIO' } as const

async function scenario(disk: SimulatedDisk): Promise<void> {
  await disk.makeDirectory('/a')
  const file = await disk.open('/a/one', 'create')
  try {
    await Promise.all([file.write(bytes(10_000), 0), file.write(bytes(10_000, 2), 10_000)])
    await file.sync()
  } finally {
    await file.close()
  }
  await disk.rename('/a/one', '/a/two')
  await Promise.all([disk.syncDirectory('/a'), disk.syncDirectory('/')])
}

test('a fault strikes the call with its number, once, and says so', async () => {
  const disk = new SimulatedDisk()
  const injected = disk.inject({ at: 2, fault: eio })
  await disk.list('/')
  await assert.rejects(disk.list('/'), { code: 'EIO', path: '/' })
  await disk.list('/')
  assert.equal(injected.struck, 1)
})

test('a fault strikes the calls that fit, as often as it may, until it is removed', async () => {
  const disk = new SimulatedDisk()
  const when = ({ operation, path }: { operation: string; path: string }) =>
    operation === 'open' && path === '/b'
  const injected = disk.inject({ when, times: 2, fault: { kind: 'error', code: 'ENOSPC' } })
  await (await disk.open('/a', 'create')).close()
  await assert.rejects(disk.open('/b', 'create'), { code: 'ENOSPC' })
  await assert.rejects(disk.open('/b', 'create'), { code: 'ENOSPC' })
  await (await disk.open('/b', 'create')).close()
  assert.equal(injected.struck, 2)
  const always = disk.inject({ times: Number.POSITIVE_INFINITY, fault: eio })
  await assert.rejects(disk.list('/'))
  await assert.rejects(disk.space('/'))
  always.remove()
  assert.deepEqual((await disk.list('/')).sort(), ['a', 'b'])
})

test('a sweep strikes every call of a scenario in turn', async () => {
  for (const fault of [
    eio,
    { kind: 'partial', code: 'ENOSPC' },
    { kind: 'power-cut' },
  ] satisfies DiskFault[]) {
    let failed = 0
    const struck = await sweepFaults({
      fault,
      run: async (disk) => {
        await scenario(disk).catch(() => failed++)
        assert.deepEqual(disk.crash(1).openFiles, [])
      },
    })
    assert.equal(struck, 9)
    assert.equal(failed, 9)
  }
})

test('a sweep says at which call its check failed', async () => {
  const check = async (disk: SimulatedDisk) => {
    await scenario(disk).catch(() => assert.notEqual(disk.calls, 6))
  }
  await assert.rejects(sweepFaults({ fault: eio, run: check }), /With error at call 5: /)
})

test('a partial write leaves any number of its bytes', async () => {
  const lengths = new Set<number>()
  for (let seed = 0; seed < 50; seed++) {
    const disk = new SimulatedDisk({ seed })
    const file = await disk.open('/file', 'create')
    disk.inject({ at: 2, fault: { kind: 'partial', code: 'EIO' } })
    await assert.rejects(file.write(bytes(1_000), 0), { code: 'EIO' })
    const content = disk.contentOf('/file')
    assert.ok(content.every((byte) => byte === 1))
    lengths.add(content.byteLength)
  }
  assert.ok(lengths.size > 20)
})

test('a partial operation on names is done or not', async () => {
  const outcomes = new Set<boolean>()
  for (let seed = 0; seed < 50; seed++) {
    const disk = new SimulatedDisk({ seed })
    disk.inject({ at: 1, fault: { kind: 'partial', code: 'EIO' } })
    await assert.rejects(disk.open('/file', 'create'), { code: 'EIO' })
    assert.deepEqual(disk.openFiles, [])
    outcomes.add((await disk.sizeOf('/file')) !== undefined)
  }
  assert.equal(outcomes.size, 2)
})

test('a lie says that it was done, and was not', async () => {
  const disk = new SimulatedDisk()
  const file = await disk.open('/file', 'create')
  await disk.syncDirectory('/')
  await file.write(bytes(100), 0)
  disk.inject({ when: ({ operation }) => operation === 'sync', fault: { kind: 'lie' } })
  await file.sync()
  const after = Array.from({ length: 50 }, (_, seed) => disk.crash(seed).contentOf('/file').byteLength)
  assert.deepEqual([...new Set(after)].sort(), [0, 100])
})

test('a flip changes one bit of one read, and nothing on the disk', async () => {
  const disk = new SimulatedDisk()
  const file = await disk.open('/file', 'create')
  await file.write(bytes(5_000, 0), 0)
  disk.inject({ when: ({ operation }) => operation === 'read', fault: { kind: 'flip' } })
  const bitsSet = async () => {
    const buffer = new Uint8Array(5_000)
    assert.equal(await file.read(buffer, 0), 5_000)
    return buffer.reduce((sum, byte) => sum + byte.toString(2).replaceAll('0', '').length, 0)
  }
  assert.equal(await bitsSet(), 1)
  assert.equal(await bitsSet(), 0)
})

test('damage is there for every reader and survives the power', async () => {
  const disk = new SimulatedDisk()
  const file = await disk.open('/file', 'create')
  await file.write(bytes(5_000), 0)
  await disk.syncDirectory('/')
  disk.damage('/file', (content) =>
    content.subarray(0, 4_000).map((byte, at) => (at === 3 ? byte ^ 1 : byte)),
  )
  for (let seed = 0; seed < 20; seed++) {
    const content = disk.crash(seed).contentOf('/file')
    assert.equal(content.byteLength, 4_000)
    assert.equal(content[3], 0)
    assert.equal(content[4], 1)
  }
})

test('a power cut ends every call, the one under way in doubt', async () => {
  const kept = new Set<number>()
  for (let seed = 0; seed < 100; seed++) {
    const disk = new SimulatedDisk({ seed })
    const file = await disk.open('/file', 'create')
    await disk.syncDirectory('/')
    await file.write(bytes(100), 0)
    disk.inject({ at: 4, fault: { kind: 'power-cut' } })
    await assert.rejects(file.sync(), { code: 'EIO' })
    await assert.rejects(file.write(bytes(1), 0), { code: 'EIO' })
    await assert.rejects(disk.list('/'), { code: 'EIO' })
    kept.add(disk.crash(seed).contentOf('/file').byteLength)
  }
  assert.deepEqual([...kept].sort(), [0, 100])
})

test('a full disk takes what fits, then says ENOSPC; what is removed makes room', async () => {
  const disk = new SimulatedDisk({ capacityBytes: 10 * 4_096 })
  const one = await disk.open('/one', 'create')
  await one.write(bytes(6 * 4_096), 0)
  const two = await disk.open('/two', 'create')
  await assert.rejects(two.write(bytes(6 * 4_096), 0), { code: 'ENOSPC' })
  assert.equal(await two.size(), 4 * 4_096)
  assert.deepEqual(await disk.space('/'), { freeBytes: 0, totalBytes: 10 * 4_096 })
  await one.write(bytes(6 * 4_096, 3), 0)
  await disk.unlink('/one')
  await assert.rejects(two.write(bytes(1), 4 * 4_096), { code: 'ENOSPC' }, 'an open file keeps its space')
  await one.close()
  await two.write(bytes(6 * 4_096), 4 * 4_096)
  assert.equal(disk.usedBytes, 10 * 4_096)
})

test('what is open is told, until it is closed, even by a close that fails', async () => {
  const disk = new SimulatedDisk({ openFilesMax: 2 })
  const one = await disk.open('/one', 'create')
  const two = await disk.open('/two', 'create')
  await assert.rejects(disk.open('/one', 'read'), { code: 'EMFILE' })
  assert.deepEqual(disk.openFiles, ['/one', '/two'])
  disk.inject({ when: ({ operation }) => operation === 'close', fault: eio })
  await assert.rejects(one.close(), { code: 'EIO' })
  assert.deepEqual(disk.openFiles, ['/two'])
  await assert.rejects(one.read(bytes(1), 0), { code: 'EBADF' })
  await two.close()
  assert.deepEqual(disk.openFiles, [])
})

test('a close waits for what is under way', async () => {
  for (let seed = 0; seed < 20; seed++) {
    const disk = new SimulatedDisk({ seed })
    const file = await disk.open('/file', 'create')
    await Promise.all([file.write(bytes(10), 0), file.write(bytes(10), 10), file.close()])
    assert.equal(disk.contentOf('/file').byteLength, 20)
  }
})

test('one seed replays everything, another seed something else', async () => {
  const run = async (seed: number) => {
    const disk = new SimulatedDisk({ seed })
    const order: number[] = []
    const file = await disk.open('/file', 'create')
    await disk.syncDirectory('/')
    await Promise.all(
      Array.from({ length: 20 }, async (_, n) => {
        await file.write(bytes(1_000, n), n * 500)
        order.push(n)
      }),
    )
    return { order, found: [...disk.crash(seed).contentOf('/file')] }
  }
  assert.deepEqual(await run(5), await run(5))
  assert.notDeepEqual((await run(5)).order, (await run(6)).order)
})
