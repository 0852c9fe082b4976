// Thousands of versions wait for a target that hangs, and then for one that answers 500: the source's memory does not grow with them, and all
// of them arrive. AQUIFER_WAITING: how many (3,000; 20,000 once).
import assert from 'node:assert/strict'
import test from 'node:test'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { sizeFrom, tellFigures } from '../../../engine/dist-test/crash/figures.js'
import { CrookedServer, type Trouble } from './crooked-server.js'
import { Source, versioned } from './source.js'

const waiting = sizeFrom('AQUIFER_WAITING', 3_000)
const AT_A_TIME = 500
const GROWTH_MAX_BYTES = 12 * 2 ** 20

setFlagsFromString('--expose-gc')
const collect: () => void = runInNewContext('gc')

test('memory does not grow with what waits for a target', async (t) => {
  const target = await CrookedServer.start(t)
  await versioned(target.engine)
  const source = await Source.open(t, { idleTimeoutMs: 500, directory: true })
  await source.replicateTo(target.remote)
  const hang: Trouble = () => true
  const fail: Trouble = (request, response) => {
    request.resume()
    response.writeHead(500).end()
    return true
  }
  target.trouble = hang
  await source.fanOut(AT_A_TIME)
  await source.says('that it hangs', ({ lastError }) => /silent/.test(lastError?.message ?? ''))
  const before = heapBytes()
  while ((await source.status()).waiting < waiting) await source.fanOut(AT_A_TIME)
  const whileItHangs = heapBytes() - before
  target.trouble = fail
  target.cut()
  await source.says('500', ({ lastError }) => /500/.test(lastError?.message ?? ''))
  const whileItFails = heapBytes() - before
  target.trouble = () => false
  const began = performance.now()
  await source.arrived(target.engine)
  const seconds = (performance.now() - began) / 1_000
  tellFigures('versions that wait', {
    waiting,
    'MiB more while it hangs': mib(whileItHangs),
    'MiB more while it fails': mib(whileItFails),
    'arrived in seconds': Math.round(seconds),
  })
  assert.ok(whileItHangs < GROWTH_MAX_BYTES, `${mib(whileItHangs)} MiB`)
  assert.ok(whileItFails < GROWTH_MAX_BYTES, `${mib(whileItFails)} MiB`)
})

function heapBytes(): number {
  collect()
  const { heapUsed, external } = process.memoryUsage()
  return heapUsed + external
}

const mib = (bytes: number): number => Math.round((bytes / 2 ** 20) * 10) / 10
