// Eight writers append records to one object, each where it believes that the object ends, while the server is killed
// and started again. AQUIFER_APPENDS says how many records (200), AQUIFER_SEED when the server dies.
import assert from 'node:assert/strict'
import test from 'node:test'
import { seededRandom } from '@aquifer/engine/testing'
import { sizeFrom, tellFigures } from '../../engine/dist-test/crash/figures.js'
import { Mortal } from './mortal-server.js'

const RECORD_BYTES = 1_024
const WRITERS = 8
const LOG = '/logs/log'

const appends = sizeFrom('AQUIFER_APPENDS', 200)
const kills = Math.max(3, Math.floor(appends / 1_000))

const recordOf = (writer: number, at: number): Buffer =>
  Buffer.from(
    `writer ${writer} record ${at} `
      .repeat(64)
      .slice(0, RECORD_BYTES - 1)
      .concat('\n'),
  )

interface Shipped {
  readonly offset: number
  readonly writer: number
  readonly at: number
}

test(`${appends} appends by ${WRITERS} writers, through ${kills} kills: the object is what was acknowledged, in order`, async (t) => {
  const seed = Number(process.env['AQUIFER_SEED'] ?? Date.now() % 1_000_000)
  t.diagnostic(`seed ${seed}`)
  const random = seededRandom(seed)
  const deaths = Array.from({ length: kills }, () => Math.floor(random() * appends)).sort((a, b) => a - b)
  const server = await Mortal.start(t, ['--profile', 'express'])
  const made = await server.ask('PUT', '/logs')
  assert.ok(made !== 'lost' && made.status === 200)

  const shipped: Shipped[] = []
  let conflicts = 0
  let foundByReading = 0
  let notFound = 0

  const sizeNow = async (): Promise<number> => {
    const { status, headers } = await server.read('HEAD', LOG)
    return status === 404 ? 0 : Number(headers['content-length'])
  }
  /** Only reading can tell whether an append happened whose answer was lost. */
  const isThere = async (record: Buffer, offset: number): Promise<boolean> => {
    const range = `bytes=${offset}-${offset + RECORD_BYTES - 1}`
    const { status, body } = await server.read('GET', LOG, { headers: { range } })
    assert.ok([206, 404, 416].includes(status), `${status}`)
    return status === 206 && body.equals(record)
  }
  /** A moment after a record is sent: it may have got there, and been written, or not. */
  const dieIfItIsTime = (): void => {
    if (deaths.length === 0 || shipped.length < deaths[0]!) return
    deaths.shift()
    setTimeout(() => void server.kill(), random() * 10)
  }

  let left = appends
  const write = async (writer: number): Promise<void> => {
    let offset = 0
    for (let at = 0; left-- > 0; at++) {
      const record = recordOf(writer, at)
      for (;;) {
        const headers = { 'x-amz-write-offset-bytes': String(offset) }
        const answering = server.ask('PUT', LOG, { body: record, headers })
        dieIfItIsTime()
        const answer = await answering
        if (answer === 'lost') {
          const isFound = await isThere(record, offset)
          isFound ? foundByReading++ : notFound++
          if (isFound) {
            shipped.push({ offset, writer, at })
            offset += RECORD_BYTES
            break
          }
        } else if (answer.status === 200) {
          assert.equal(Number(answer.headers['x-amz-object-size']), offset + RECORD_BYTES)
          shipped.push({ offset, writer, at })
          offset += RECORD_BYTES
          break
        } else {
          assert.match(answer.body.toString(), /<Code>InvalidWriteOffset</)
          conflicts++
        }
        offset = await sizeNow()
      }
    }
  }
  const startedAt = performance.now()
  await Promise.all(Array.from({ length: WRITERS }, (_, writer) => write(writer)))
  const seconds = (performance.now() - startedAt) / 1_000

  const check = async (): Promise<void> => {
    const { body } = await server.read('GET', LOG)
    assert.equal(body.byteLength, appends * RECORD_BYTES)
    const inOrder = [...shipped].sort((one, other) => one.offset - other.offset)
    const next = new Array<number>(WRITERS).fill(0)
    for (const [index, { offset, writer, at }] of inOrder.entries()) {
      assert.equal(offset, index * RECORD_BYTES)
      assert.ok(body.subarray(offset, offset + RECORD_BYTES).equals(recordOf(writer, at)), `at ${offset}`)
      assert.equal(at, next[writer], `the records of writer ${writer} are in order`)
      next[writer]! += 1
    }
    assert.equal(inOrder.length, appends)
  }
  await check()
  await server.kill()
  await check()
  tellFigures(t.name, {
    appends,
    kills: server.deaths,
    conflicts,
    'answers lost, and found there': foundByReading,
    'answers lost, and not there': notFound,
    seconds: Math.round(seconds * 10) / 10,
  })
})
