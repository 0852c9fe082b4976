import { median } from '../report/figures.mjs'
import { atOnce, msOf } from './at-once.mjs'
import { withEngine } from './with-engine.mjs'

const MIB = 2 ** 20
const ROUNDS = 15

/** What moves no bytes: the time of each with little and with much. */
export function whateverTheSize({ quick }) {
  return withEngine(async ({ bucket }) => [
    ...(await copies(bucket, quick ? 1 : 10)),
    ...(await completions(bucket, quick ? 1_000 : 10_000)),
    ...(await appends(bucket, quick ? 1_000 : 9_900)),
    ...(await renames(bucket)),
  ])
}

async function copies(bucket, gib) {
  await bucket.put('1 MiB', Buffer.alloc(MIB))
  await bucket.put('64 MiB', Buffer.alloc(64 * MIB))
  const upload = await bucket.createUpload('large')
  const parts = await Promise.all(
    Array.from({ length: gib * 16 }, (_, n) => upload.copyPart(n + 1, { key: '64 MiB' })),
  )
  await upload.complete(parts)
  const small = []
  const large = []
  for (let round = 0; round < ROUNDS; round++) {
    small.push(await msOf(() => bucket.copy({ key: '1 MiB' }, `copy of 1 MiB ${round}`)))
    large.push(await msOf(() => bucket.copy({ key: 'large' }, `large copy ${round}`)))
  }
  return [
    { work: 'copy 1 MiB', 'median ms': median(small) },
    { work: `copy ${gib} GiB`, 'median ms': median(large) },
  ]
}

async function completions(bucket, most) {
  const rows = []
  for (const count of [10, most]) {
    const upload = await bucket.createUpload(`of ${count} parts`)
    const parts = []
    // All but the last part must have 5 MiB: copied from one object they take no disk.
    await atOnce(count, 32, async (n) => {
      parts[n] = await upload.copyPart(n + 1, { key: '64 MiB', range: { offset: 0, length: 5 * MIB } })
    })
    rows.push({ work: `complete ${count} parts`, 'median ms': await msOf(() => upload.complete(parts)) })
  }
  return rows
}

async function appends(bucket, most) {
  const line = Buffer.alloc(100, 'line')
  const times = async (key) => {
    const tookMs = []
    for (let round = 0; round < ROUNDS; round++) tookMs.push(await msOf(() => bucket.append(key, line)))
    return median(tookMs)
  }
  const rows = [
    { work: 'append 100 B to a new object', 'median ms': await times('log') },
    { work: 'append 100 B to 64 MiB', 'median ms': await times('64 MiB') },
  ]
  for (let n = 0; n < most; n++) await bucket.append('log', line)
  rows.push({ work: `append 100 B after ${most} appends`, 'median ms': await times('log') })
  return rows
}

async function renames(bucket) {
  const rows = []
  for (const key of ['1 MiB', 'large']) {
    const tookMs = []
    for (let round = 0; round < ROUNDS; round++) {
      tookMs.push(await msOf(() => bucket.rename({ key }, `${key} renamed`)))
      tookMs.push(await msOf(() => bucket.rename({ key: `${key} renamed` }, key)))
    }
    rows.push({ work: `rename ${key === 'large' ? 'the largest' : key}`, 'median ms': median(tookMs) })
  }
  return rows
}
