import assert from 'node:assert/strict'
import test from 'node:test'
import { isEngineError } from '../../errors.js'
import { CommitHistory } from '../../testing/commit-history.js'
import { HostileIndex } from '../../testing/hostile-index.js'
import type { DiskFault } from '../../testing/simulated-disk/faults.js'
import { sweepFaults } from '../../testing/simulated-disk/sweep-faults.js'
import { openSimulatedKv, powerCut, type SimulatedMachine } from '../../testing/simulated-kv.js'
import type { KvStore, RowPut } from '../kv.js'

/** Each is what a store goes through between an opening and a closing. All leave something for the next open. */
const scenarios: Record<string, (store: KvStore, history: CommitHistory) => Promise<void>> = {
  async 'a few commits, one after the other'(store, history) {
    for (let i = 0; i < 4; i++) await history.commit(store, puts(row(i, 300)))
    await history.commit(store, { ...puts(), deletes: [key(1)] })
  },
  async 'commits at once'(store, history) {
    await Promise.all(Array.from({ length: 12 }, (_, i) => history.commit(store, puts(row(i % 5, 500)))))
  },
  async 'overwrites that fill segments and have them compacted'(store, history) {
    for (let i = 0; i < 20; i++) await history.commit(store, puts(row(i % 3, 9_000), row(3, 4_000)))
  },
  async 'rows that stay, moved by compaction'(store, history) {
    await history.commit(store, puts(...Array.from({ length: 10 }, (_, i) => row(100 + i, 1_000))))
    for (let i = 0; i < 18; i++) await history.commit(store, puts(row(i % 2, 12_000)))
  },
  async 'checkpoints on the way'(store, history) {
    for (let i = 0; i < 12; i++)
      await history.commit(store, puts(...Array.from({ length: 12 }, (_, n) => row(n, 9))))
  },
}

const key = (number: number) => Buffer.from(`key${number}`)
const row = (number: number, size: number): RowPut => ({
  key: key(number),
  value: Buffer.alloc(40, number),
  payload: Buffer.alloc(size, number + size),
})
const puts = (...rows: RowPut[]) => ({ checks: [], puts: rows, deletes: [] })

const faults: DiskFault[] = [
  { kind: 'error', code: 'EIO' },
  { kind: 'partial', code: 'EIO' },
  { kind: 'error', code: 'ENOSPC' },
  { kind: 'partial', code: 'ENOSPC' },
]
/** Each call by EIO; the long run takes every fault. */
const swept = process.env.AQUIFER_LONG === undefined ? faults.slice(0, 1) : faults

for (const [name, scenario] of Object.entries(scenarios)) {
  test(`${name}: with any one call of the disk failing, what was promised is kept`, async (t) => {
    for (const fault of swept) {
      const struck = await sweepFaults({
        fault,
        disk: () => ({ capacityBytes: 4 * 2 ** 20 }),
        async run(disk, call) {
          const machine = { disk, index: new HostileIndex({ seed: call }) }
          const history = new CommitHistory()
          await through(machine, history, scenario)
          for (const outcome of [1, 2]) await checkAfter(machine, call * 2 + outcome, history.copy())
        },
      })
      t.diagnostic(`${struck} calls, ${JSON.stringify(fault)}`)
    }
  })
}

for (const [name, scenario] of Object.entries(scenarios)) {
  test(`${name}: with the power cut at any one call of the disk, what was promised is kept`, async (t) => {
    const struck = await sweepFaults({
      fault: { kind: 'power-cut' },
      disk: () => ({ capacityBytes: 4 * 2 ** 20 }),
      async run(disk, call) {
        const machine = { disk, index: new HostileIndex({ seed: call }) }
        const history = new CommitHistory()
        try {
          const store = await openSimulatedKv(machine)
          await scenario(store, history)
          await store.close()
        } catch (error) {
          assert.ok(isEngineError(error, 'StorageUnavailable') || /the power/.test(`${error}`), `${error}`)
        }
        for (let outcome = 1; outcome <= 4; outcome++)
          await checkAfter(machine, call * 4 + outcome, history.copy())
      },
    })
    t.diagnostic(`${struck} calls`)
  })
}

async function checkAfter(machine: SimulatedMachine, seed: number, history: CommitHistory): Promise<void> {
  const store = await openSimulatedKv(powerCut(machine, seed))
  await history.check(store)
  await store.close()
}

/** Two lives, either of which the fault may strike; once it has, everything works again. */
async function through(
  machine: SimulatedMachine,
  history: CommitHistory,
  scenario: (store: KvStore, history: CommitHistory) => Promise<void>,
): Promise<void> {
  for (let life = 1; life <= 2; life++) {
    const store = await openSimulatedKv(machine).catch((error) => {
      assert.ok(!isEngineError(error, 'StoreDamaged'), `${error}`)
      return openSimulatedKv(machine)
    })
    await check(store, history)
    await scenario(store, history)
    await assertResumes(store, history, life)
    await check(store, history)
    await store.close()
  }
}

/** The first commits may be struck, or be refused because the disk was full a moment ago. */
async function assertResumes(store: KvStore, history: CommitHistory, life: number): Promise<void> {
  for (let tries = 1; tries <= 30; tries++) if (await history.commit(store, puts(row(life, 50)))) return
  assert.fail('the store does not resume')
}

/** The one failure may strike the check's own reading; it says so then, and the next reading works. */
async function check(store: KvStore, history: CommitHistory): Promise<void> {
  await history.check(store).catch(async (error) => {
    if (!isEngineError(error, 'StorageUnavailable')) throw error
    await history.check(store)
  })
}
