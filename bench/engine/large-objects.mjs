import { createHash } from 'node:crypto'
import { open } from 'node:fs/promises'
import { join } from 'node:path'
import { performance } from 'node:perf_hooks'
import { median } from '../report/figures.mjs'
import { withEngine } from './with-engine.mjs'

const MIB = 2 ** 20
const SIZE = 64 * MIB

/** Objects of 64 MiB, in and out, beside a bare file that is written and read by the megabyte, each round in turn. */
export function largeObjects({ quick }) {
  return withEngine(async ({ engine, bucket, directory }) => {
    const rows = new Map()
    const note = (work, { ms, cpuMs }) => {
      if (!rows.has(work)) rows.set(work, { ms: [], cpuMs: [] })
      rows.get(work).ms.push(ms)
      rows.get(work).cpuMs.push(cpuMs)
    }
    const file = join(directory, 'bare')
    for (let round = 0; round < (quick ? 3 : 11); round++) {
      note('write a file, synced', await timed(() => writeFile(file)))
      note('the same, and its MD5', await timed(() => writeFile(file, createHash('md5'))))
      note('put, ETag opaque', await timed(() => bucket.put('a', megabytes(), { etag: 'opaque' })))
      note('put, ETag MD5', await timed(() => bucket.put('b', megabytes())))
      note('read a file', await timed(() => readFile(file)))
      note('get', await timed(() => drain(bucket, 'a')))
      note(
        'get, 32 KiB of it',
        await timed(() => drain(bucket, 'a', { range: { offset: 40 * MIB, length: 32_768 } })),
      )
      await engine.reclaim()
    }
    return [...rows].map(([work, { ms, cpuMs }]) => ({
      work,
      'MiB/s': work.includes('KiB') ? '' : SIZE / MIB / (median(ms) / 1_000),
      'median ms': median(ms),
      'of the processor': median(cpuMs),
    }))
  })
}

async function timed(act) {
  const began = performance.now()
  const cpu = process.cpuUsage()
  await act()
  const { user, system } = process.cpuUsage(cpu)
  return { ms: performance.now() - began, cpuMs: (user + system) / 1_000 }
}

const megabyte = Buffer.alloc(MIB, 'aquifer')

async function* megabytes() {
  for (let at = 0; at < SIZE; at += MIB) yield megabyte
}

async function writeFile(path, hash) {
  const handle = await open(path, 'w')
  for (let at = 0; at < SIZE; at += MIB) {
    const written = handle.write(megabyte, 0, MIB, at)
    hash?.update(megabyte)
    await written
  }
  hash?.digest()
  await handle.datasync()
  await handle.close()
}

async function readFile(path) {
  const handle = await open(path, 'r')
  for (let at = 0; at < SIZE; at += MIB) await handle.read(Buffer.allocUnsafe(MIB), 0, MIB, at)
  await handle.close()
}

async function drain(bucket, key, options) {
  const object = await bucket.get(key, options)
  for await (const _ of object.body);
}
