import { createRequire } from 'node:module'
import { join } from 'node:path'
import { performance } from 'node:perf_hooks'
import { median } from '../report/figures.mjs'
import { progress } from '../report/progress.mjs'
import { atOnce, msOf } from './at-once.mjs'
import { withEngine } from './with-engine.mjs'

const PREFIXES = 10

/** Many keys under few top prefixes: listed whole, page by page, and rolled up by a delimiter. */
export function listing({ quick }) {
  const count = quick ? 50_000 : 1_000_000
  return withEngine(async ({ bucket, directory }) => {
    const body = Buffer.from('x')
    const filling = progress('filling', count)
    await atOnce(count, 256, async (n) => {
      await bucket.put(`${n % PREFIXES}/folder-${n % 1_000}/object-${String(n).padStart(8, '0')}.bin`, body)
      filling.at(n)
    })
    filling.end()
    const rows = []
    for (let round = 0; round < 3; round++) {
      let listed = 0
      const ms = await msOf(async () => {
        for await (const _entry of bucket.list()) listed++
      })
      rows.push({ work: `list ${count} keys`, 'a second': listed / (ms / 1_000) })
    }
    let pages = 0
    const pagedMs = await msOf(async () => {
      for (let next = {}; next !== undefined && pages < 100; pages++)
        next = (await bucket.list({ ...next, limit: 1_000 }).page()).next
    })
    rows.push({ work: 'list in pages of 1,000', 'a second': (pages * 1_000) / (pagedMs / 1_000) })
    const rolled = []
    for (let round = 0; round < 11; round++)
      rolled.push(
        await msOf(async () => {
          const { entries } = await bucket.list({ delimiter: '/' }).page()
          if (entries.length !== PREFIXES) throw new Error(`${entries.length} common prefixes were listed`)
        }),
      )
    rows.push({ work: `list by "/": ${PREFIXES} prefixes of ${count} keys`, 'median ms': median(rolled) })
    rows.push(await iterated(directory, count))
    return rows
  })
}

/** The same number of rows of that size in LevelDB alone, iterated in pages. */
async function iterated(directory, count) {
  const { Level } = createRequire(import.meta.resolve('@aquifer/engine'))('level')
  const level = new Level(join(directory, 'alone'), {
    keyEncoding: 'view',
    valueEncoding: 'view',
    compression: false,
  })
  const value = Buffer.alloc(120, 'v')
  for (let from = 0; from < count; from += 1_000)
    await level.batch(
      Array.from({ length: 1_000 }, (_, n) => ({
        type: 'put',
        key: Buffer.from(`o0123456789abcdef/folder/object-${String(from + n).padStart(8, '0')}.bin`),
        value,
      })),
    )
  const began = performance.now()
  const iterator = level.iterator()
  let seen = 0
  for (;;) {
    const entries = await iterator.nextv(1_000)
    if (entries.length === 0) break
    seen += entries.length
  }
  const perSecond = seen / ((performance.now() - began) / 1_000)
  await iterator.close()
  await level.close()
  return { work: '  limit: LevelDB alone, iterated', 'a second': perSecond }
}
