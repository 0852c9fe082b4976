import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { performance } from 'node:perf_hooks'
import { Engine } from '@aquifer/engine'
import { directoryMib } from '../report/directory-size.mjs'
import { forgetPeak, peakResidentMib } from '../report/process.mjs'

const MIB = 2 ** 20
const { directory, mib, targets, rounds } = JSON.parse(process.argv[2])
const chunk = randomBytes(MIB)

/** A producer that uses its memory again, as streams of files do. */
async function* megabytes() {
  for (let at = 0; at < mib; at++) {
    chunk.writeUInt32LE(at)
    yield chunk
  }
}

async function msOf(act) {
  const began = performance.now()
  await act()
  return performance.now() - began
}

const engine = await Engine.open({ directory })
await engine.createBucket('bench')
const bucket = engine.bucket('bench')
const measured = []
for (let round = 0; round < rounds; round++) {
  const putMs = await msOf(() => bucket.put(`one ${round}`, megabytes()))
  const keys = Array.from({ length: targets }, (_, n) => ({ key: `many ${round}/${n}` }))
  const before = await directoryMib(directory)
  forgetPeak(process.pid)
  const fanOutMs = await msOf(async () => {
    const results = await bucket.fanOut(megabytes(), keys)
    assert.ok(results.every(({ status }) => status === 'fulfilled'))
  })
  const peakMib = peakResidentMib(process.pid)
  measured.push({ putMs, fanOutMs, peakMib, grownMib: (await directoryMib(directory)) - before })
}
await engine.close()
console.log(JSON.stringify(measured))
