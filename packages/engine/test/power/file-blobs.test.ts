import assert from 'node:assert/strict'
import { join } from 'node:path'
import { test } from 'node:test'
import { FileBlobStore } from '@aquifer/engine/stores'
import { usePowerCuts } from './use-power-cuts.js'

/** Each is a run of a few dozen blobs, a kill, and three outcomes of the same power cut. */
const cuts = Number(process.env.AQUIFER_POWER_CUTS ?? 4)
const seed = Number(process.env.AQUIFER_SEED ?? Date.now() % 1_000_000)

const script = new URL('./blobs.workload.js', import.meta.url)
const { power, skip } = await usePowerCuts()

interface Told {
  readonly sizes: Map<number, number>
  readonly removed: Set<number>
  readonly removing: Set<number>
}

function note({ sizes, removed, removing }: Told, lines: readonly string[]): void {
  for (const line of lines) {
    const [event, id, sizeBytes] = line.split(' ')
    if (event === 'finished') sizes.set(Number(id), Number(sizeBytes))
    if (event === 'removing') removing.add(Number(id))
    if (event === 'removed') removed.add(Number(id))
  }
}

async function readWhole(store: FileBlobStore, id: number, length: number): Promise<void> {
  for await (const chunk of store.read(id, { offset: 0, length })) {
    assert.equal(Buffer.compare(chunk, Buffer.alloc(chunk.byteLength, id)), 0)
  }
}

test(`real files under power loss lose no finished blob and bring back no removed one (seed ${seed})`, {
  skip,
}, async () => {
  const told: Told = { sizes: new Map(), removed: new Set(), removing: new Set() }
  let firstId = 1
  let checked = 0
  for (let cut = 0; cut < cuts; cut++) {
    const report = await power!.run({
      script,
      args: [String(firstId), String(seed + cut)],
      onLine: (line, kill) =>
        line.startsWith('finished') && Number(line.split(' ')[1]) >= firstId + 20 + cut && kill(),
    })
    assert.ok(report.wasKilled, report.stderr)
    note(told, report.lines)
    for (let outcome = 0; outcome < 3; outcome++) {
      await power!.cut(seed + 1_000 * cut + outcome)
      await using store = await FileBlobStore.open({ directory: join(power!.path, 'blobs') })
      const listed = new Set<number>()
      for await (const id of store.list()) listed.add(id)
      for (const [id, sizeBytes] of told.sizes) {
        if (told.removed.has(id)) assert.ok(!listed.has(id), `blob ${id} came back`)
        else if (!told.removing.has(id)) {
          await readWhole(store, id, sizeBytes)
          checked++
        }
      }
      if (outcome < 2) continue
      // As recovery does: what was never finished goes, and so does what was being removed.
      const unsettled = [...listed].filter((id) => !told.sizes.has(id) || told.removing.has(id))
      await store.remove(unsettled)
      for (const id of told.removing) told.removed.add(id)
      firstId = Math.max(0, ...listed, ...told.sizes.keys()) + 1
    }
  }
  console.log(
    `${cuts} power cuts, ${told.sizes.size} blobs finished, ${told.removed.size} removed, ${checked} checks of one`,
  )
})
