import { open } from 'node:fs/promises'
import { join } from 'node:path'
import { performance } from 'node:perf_hooks'
import { quantile } from '../report/figures.mjs'
import { atOnce } from './at-once.mjs'
import { withEngine } from './with-engine.mjs'

const SIZE_BYTES = 4_096

/** Durable puts and gets of 4 KiB, and beside them what the disk and the memory allow. */
export function smallObjects({ quick }) {
  const seconds = quick ? 1 : 5
  return withEngine(async ({ bucket, directory }) => {
    const rows = []
    const body = Buffer.alloc(SIZE_BYTES, 'small')
    for (const concurrency of [1, 8, 32, 128]) {
      const began = performance.now()
      const probe = await atOnce(concurrency * 20, concurrency, (n) => bucket.put(`probe-${n}`, body))
      const count = Math.max(concurrency * 50, Math.floor(probe.perSecond * seconds))
      const { perSecond, tookMs } = await atOnce(count, concurrency, (n) => bucket.put(`key-${n}`, body))
      rows.push(row('put 4 KiB', concurrency, perSecond, tookMs))
      rows.push(...(await appended(directory, concurrency, seconds)))
      if (performance.now() - began > seconds * 20_000) break
    }
    const { entries } = await bucket.list({ prefix: 'key-', limit: 1_000 }).page()
    const keys = entries.map(({ info }) => info.key)
    const keyOf = (n) => keys[(n * 7_919) % keys.length]
    for (const [name, read] of [
      ['get 4 KiB, bytes()', async (object) => object.bytes()],
      ['get 4 KiB, stream', drain],
    ]) {
      const get = async (n) => {
        const object = await bucket.get(keyOf(n))
        await read(object)
        await object.close()
      }
      for (const concurrency of [1, 32]) {
        const { perSecond } = await atOnce(2_000, concurrency, get)
        const measured = await atOnce(Math.floor(perSecond * seconds), concurrency, get)
        rows.push(row(name, concurrency, measured.perSecond, measured.tookMs))
      }
    }
    const { perSecond } = await atOnce(20_000 * seconds, 32, (n) => bucket.head(keyOf(n)))
    rows.push({ work: 'head', 'at once': 32, 'a second': perSecond })
    return rows
  })
}

const row = (work, concurrency, perSecond, tookMs) => ({
  work,
  'at once': concurrency,
  'a second': perSecond,
  'p50 ms': quantile(tookMs, 0.5),
  'p99 ms': quantile(tookMs, 0.99),
})

async function drain(object) {
  for await (const _chunk of object.body);
}

/** Appending the same bytes to a file and syncing it, alone and as a group: what the disk allows. */
async function appended(directory, concurrency, seconds) {
  const file = await open(join(directory, `append-${concurrency}`), 'w')
  try {
    const group = Buffer.alloc(SIZE_BYTES * concurrency)
    let writes = 0
    const began = performance.now()
    while (performance.now() - began < seconds * 1_000) {
      await file.write(group, 0, group.byteLength, (writes++ * group.byteLength) % (64 * 2 ** 20))
      await file.datasync()
    }
    const perSecond = (writes * concurrency) / ((performance.now() - began) / 1_000)
    return [{ work: '  limit: append, fdatasync', 'at once': concurrency, 'a second': perSecond }]
  } finally {
    await file.close()
  }
}
