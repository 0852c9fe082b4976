import assert from 'node:assert/strict'
import test from 'node:test'
import { isEngineError } from '../../errors.js'
import { HostileIndex } from '../../testing/hostile-index.js'
import { seededRandom } from '../../testing/seeded-random.js'
import { SimulatedDisk } from '../../testing/simulated-disk/simulated-disk.js'
import { openSimulatedKv, powerCut, type SimulatedMachine } from '../../testing/simulated-kv.js'
import type { KvStore } from '../kv.js'
import { decodeSegmentHeader } from './journal/segment-header.js'

const SEGMENT_BYTES = 64 * 1024
const newMachine = (): SimulatedMachine => ({
  disk: new SimulatedDisk({ capacityBytes: 8 * 2 ** 20 }),
  index: new HostileIndex({ seed: 1 }),
})
const key = (i: number) => Buffer.from(`key${String(i).padStart(4, '0')}`)
const payload = (i: number, round: number) => Buffer.alloc(1_000 + (i % 7) * 300, i + round)

async function put(store: KvStore, i: number, round: number): Promise<number> {
  const row = { key: key(i), value: Buffer.from(`${i} of ${round}`), payload: payload(i, round) }
  const outcome = await store.commit({ checks: [], puts: [row], deletes: [] })
  assert.ok(outcome.committed)
  return outcome.revision
}

async function journalFiles({ disk }: SimulatedMachine): Promise<string[]> {
  return (await disk.list('/data/journal')).filter((name) => name.endsWith('.segment')).sort()
}

test('under endless overwrites the files stay within twice the live bytes and four segments', async () => {
  const machine = newMachine()
  const store = await openSimulatedKv(machine)
  let most = 0
  for (let n = 0; n < 1_500; n++) {
    await put(store, (n * 7) % 40, n)
    const { journalBytes, liveBytes } = await store.stat()
    most = Math.max(most, (journalBytes - 2 * liveBytes) / SEGMENT_BYTES)
  }
  assert.ok(most <= 4, `${most} segments more than twice the live bytes`)
  const { journalBytes, garbageBytes, liveBytes } = await store.stat()
  assert.ok(garbageBytes <= journalBytes - liveBytes)
  await store.close()
})

test('moved rows keep their revision, their value and their payload', async () => {
  const machine = newMachine()
  const store = await openSimulatedKv(machine)
  const stays = new Map<number, number>()
  for (let i = 0; i < 20; i++) stays.set(i, await put(store, i, 0))
  const [first] = await journalFiles(machine)
  for (let n = 0; n < 400; n++) await put(store, 100 + (n % 3), n)
  assert.notEqual((await journalFiles(machine))[0], first, 'the segment they were written to is gone')
  await store.close()

  const again = await openSimulatedKv(powerCut(machine, 1))
  for (const [i, revision] of stays) {
    const row = await again.get(key(i))
    assert.equal(row?.revision, revision)
    assert.equal(Buffer.from(row!.value).toString(), `${i} of 0`)
    assert.deepEqual(Buffer.from((await again.readPayload(key(i), revision)) as Uint8Array), payload(i, 0))
  }
  await again.close()
})

test('an index as a power cut leaves it finds in the journal all that it has to be given', async () => {
  for (let seed = 1; seed <= 8; seed++) {
    let machine = newMachine()
    // Nothing but compaction itself asks for checkpoints.
    const store = await openSimulatedKv(machine, { checkpointRows: 1e9, checkpointBytes: 1e9 })
    for (let n = 0; n < 300 + seed; n++) await put(store, n % 9, n)
    machine = powerCut(machine, seed)
    let isMadeAnew = false
    const index = Object.assign(machine.index, {
      async discard() {
        isMadeAnew = true
        await HostileIndex.prototype.discard.call(machine.index)
      },
    })
    await (await openSimulatedKv({ ...machine, index })).close()
    assert.ok(!isMadeAnew, 'the segment that its checkpoint lies in was emptied')
  }
})

test('an index of an earlier day, whose checkpoint lies in a segment that is gone, is made anew', async () => {
  const machine = newMachine()
  const store = await openSimulatedKv(machine)
  for (let n = 0; n < 30; n++) await put(store, n % 9, n)
  const earlier = machine.index.ifCutNow(1)
  const [first] = await journalFiles(machine)
  for (let n = 30; n < 400; n++) await put(store, n % 9, n)
  assert.notEqual((await journalFiles(machine))[0], first)
  await store.close()

  const again = await openSimulatedKv({ disk: powerCut(machine, 1).disk, index: earlier })
  for (let n = 391; n < 400; n++)
    assert.equal(Buffer.from((await again.get(key(n % 9)))!.value).toString(), `${n % 9} of ${n}`)
  await again.close()
})

test('a file that is used again never shows what it held before', async () => {
  let machine = newMachine()
  const last = new Map<number, number>()
  for (let life = 1; life <= 25; life++) {
    const store = await openSimulatedKv(machine, { checkpointRows: 30 })
    for (const [i, round] of last)
      assert.equal(Buffer.from((await store.get(key(i)))!.value).toString(), `${i} of ${round}`)
    for (let n = 0; n < 90; n++) {
      await put(store, n % 6, life * 1_000 + n)
      last.set(n % 6, life * 1_000 + n)
    }
    machine = powerCut(machine, life)
  }
})

test('nobody can tell beforehand what the checksums of a segment are seeded with', async () => {
  const seeds = new Map<string, bigint>()
  for (const seed of [1, 2]) {
    const machine = newMachine()
    const store = await openSimulatedKv(machine, { random: seededRandom(seed) })
    for (let n = 0; n < 200; n++) {
      await put(store, n % 6, n)
      const newest = (await journalFiles(machine)).at(-1)!
      const header = decodeSegmentHeader(machine.disk.contentOf(`/data/journal/${newest}`))
      assert.ok(header !== undefined && !('tooNew' in header))
      seeds.set(`${seed} ${newest}`, header.seed)
    }
    await store.close()
  }
  assert.ok(seeds.size > 4)
  assert.equal(new Set(seeds.values()).size, seeds.size)
})

test('a deleted row stays deleted when the segment of its deletion is gone, with the index made anew', async () => {
  const machine = newMachine()
  const store = await openSimulatedKv(machine)
  for (let i = 0; i < 20; i++) await put(store, i, 0)
  for (let i = 0; i < 20; i += 2) await store.commit({ checks: [], puts: [], deletes: [key(i)] })
  for (let n = 0; n < 400; n++) await put(store, 100 + (n % 3), n)
  await store.close()
  const { disk } = powerCut(machine, 1)
  const rebuilt = await openSimulatedKv({ disk, index: new HostileIndex({ seed: 2 }) }).catch(
    (error) => error,
  )
  assert.ok(!isEngineError(rebuilt), `${rebuilt}`)
  for (let i = 0; i < 20; i++) assert.equal((await rebuilt.get(key(i))) === undefined, i % 2 === 0)
  await rebuilt.close()
})

/** A store whose oldest segment has its first half full of rows that stay; answers how many. */
async function withRowsThatStay(machine: SimulatedMachine): Promise<number> {
  const store = await openSimulatedKv(machine, { checkpointRows: 10 })
  for (let i = 0; i < 20; i++) await put(store, i, 0)
  for (let n = 0; n < 40; n++) await put(store, 100 + (n % 3), n)
  await store.close()
  return 20
}

async function overwriteUntilCompacted(store: KvStore, machine: SimulatedMachine): Promise<void> {
  const [first] = await journalFiles(machine)
  for (let n = 0; n < 400 && (await journalFiles(machine))[0] === first; n++)
    await put(store, 100 + (n % 3), n)
}

/** Shows what of the rows is there and what is known to be damaged; anything else fails. */
async function countRows(store: KvStore, rows: number): Promise<{ whole: number; damaged: number }> {
  const count = { whole: 0, damaged: 0 }
  for (let i = 0; i < rows; i++) {
    const row = (await store.get(key(i)))!
    assert.equal(Buffer.from(row.value).toString(), `${i} of 0`, 'the row itself is whole')
    try {
      const found = await store.readPayload(key(i), row.revision)
      assert.deepEqual(Buffer.from(found as Uint8Array), payload(i, 0))
      count.whole++
    } catch (error) {
      assert.ok(isEngineError(error, 'CorruptRecord'), `${error}`)
      count.damaged++
    }
  }
  return count
}

for (const [what, at, codes] of [
  ['a damaged payload', 8192 + 56 + 200, ['DamagedPayload']],
  ['a damaged frame', 8192 + 20, ['DamagedFrame', 'DamagedRow']],
] as const) {
  test(`${what} costs its payload at most: the row is moved and says so, the file is kept in quarantine`, async () => {
    const machine = newMachine()
    const rows = await withRowsThatStay(machine)
    const [first] = await journalFiles(machine)
    machine.disk.damage(`/data/journal/${first}`, (content) => {
      content[at]! ^= 1
      return content
    })
    const store = await openSimulatedKv(machine)
    const before = await countRows(store, rows)
    const findings = []
    for await (const finding of store.verify()) findings.push(finding)
    assert.deepEqual(
      findings.map(({ code }) => code),
      codes,
    )
    assert.deepEqual(Buffer.from(findings.at(-1)!.key!), key(0), 'the row that suffers is named')

    assert.equal(store.health().quarantinedFiles, 0)
    await overwriteUntilCompacted(store, machine)
    assert.equal(store.health().quarantinedFiles, 1)
    assert.deepEqual(await machine.disk.list('/data/quarantine'), [first])
    const moved = await countRows(store, rows)
    assert.deepEqual(moved, before)
    assert.equal(moved.damaged, what === 'a damaged payload' ? 1 : 0)
    await store.close()

    const { disk } = powerCut(machine, 3)
    const rebuilt = await openSimulatedKv({ disk, index: new HostileIndex({ seed: 2 }) })
    assert.deepEqual(await countRows(rebuilt, rows), moved, 'the index made anew says the same')
    await rebuilt.close()
  })
}

test('with a damaged frame and no index the store refuses, unless the loss is accepted and told', async () => {
  const machine = newMachine()
  await withRowsThatStay(machine)
  const [first] = await journalFiles(machine)
  machine.disk.damage(`/data/journal/${first}`, (content) => {
    content[8192 + 20]! ^= 1
    return content
  })
  const without = { disk: machine.disk, index: new HostileIndex({ seed: 2 }) }
  await without.index.open()
  await assert.rejects(openSimulatedKv(without), (error) => isEngineError(error, 'StoreDamaged'))
  const losses: string[] = []
  const store = await openSimulatedKv(without, { acceptLoss: (finding) => void losses.push(finding) })
  assert.ok(
    losses.some((loss) => loss.includes('segment 1, offset 8192')),
    losses.join('; '),
  )
  assert.equal(await store.get(key(0)), undefined)
  assert.notEqual(await store.get(key(1)), undefined)
  await store.close()
})
