/**
 * A process that mutates objects and delivers their events is killed every 200 ms, until so many mutations were made; then
 * what waits is delivered. `AQUIFER_EVENT_MUTATIONS`: 5,000 by default; the long run is 100,000.
 */
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import test from 'node:test'
import { sizeFrom, tellFigures } from './figures.js'
import { startChild } from './start-child.js'

const mutations = sizeFrom('AQUIFER_EVENT_MUTATIONS', 5_000)
const LIFE_MS = 200
const child = new URL('./events-kill.child.js', import.meta.url)

interface Told {
  readonly name: string
  readonly key: string
  readonly mutation?: string
  readonly sequencer: string
}

test('every acknowledged mutation is told of, in order for its key, whenever the process is killed', async () => {
  const root = await mkdtemp(join(tmpdir(), 'aquifer-events-'))
  const told: Told[] = []
  const server = createServer(async (request, response) => {
    let text = ''
    for await (const chunk of request) text += chunk
    const event = JSON.parse(text)
    if (event.name !== 's3:TestEvent') told.push(event)
    response.end()
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  const acknowledged = new Set<string>()
  let lives = 0
  let begun = 0
  try {
    for (let isOver = false; !isOver; lives++) {
      const {
        process: life,
        ended,
        complaint,
      } = startChild(child, [join(root, 'data'), ...[port, begun, mutations].map(String)])
      let said = ''
      life.stdout.setEncoding('utf8').on('data', (text) => {
        said += text
      })
      await Promise.race([once(life.stdout, 'data'), ended])
      // The last life is let be: it delivers what waits, and ends.
      if (begun < mutations) {
        await Promise.race([new Promise((resolve) => setTimeout(resolve, LIFE_MS)), ended])
        life.kill('SIGKILL')
      } else {
        isOver = true
      }
      await ended
      if (isOver) assert.equal(life.exitCode, 0, complaint())
      const lines = said.slice(0, said.lastIndexOf('\n') + 1).split('\n')
      assert.equal(lines[0], 'ready', complaint())
      for (const line of lines.slice(1)) if (line !== '') acknowledged.add(line)
      // What was begun and not acknowledged may have happened: its number is not used again.
      const last = Math.max(begun - 1, ...lines.slice(1).map((line) => Number.parseInt(line, 10) || 0))
      begun = Math.min(mutations, last + 40)
    }
    check(told, acknowledged, lives)
  } finally {
    server.closeAllConnections()
    server.close()
    await rm(root, { recursive: true, force: true })
  }
})

function check(told: readonly Told[], acknowledged: ReadonlySet<string>, lives: number): void {
  const first = new Map<string, Told>()
  for (const event of told) {
    const name = `${event.sequencer} ${event.name} ${event.key}`
    if (!first.has(name)) first.set(name, event)
  }
  const happened = new Set<string>()
  const last = new Map<string, string>()
  let inverted = 0
  for (const { name, key, mutation, sequencer } of first.values()) {
    happened.add(name.startsWith('s3:ObjectRemoved:') ? key.slice('once/'.length) : mutation!)
    if ((last.get(key) ?? '') >= sequencer) inverted++
    last.set(key, sequencer)
  }
  const lost = [...acknowledged].filter((mutation) => !happened.has(mutation))
  const duplicates = told.length - first.size
  const share = (100 * duplicates) / first.size
  tellFigures('events of a process that is killed', {
    lives,
    acknowledged: acknowledged.size,
    'told of': first.size,
    lost: lost.length,
    'out of order': inverted,
    'told again': duplicates,
    'told again, %': share.toFixed(2),
  })
  assert.deepEqual(lost, [])
  assert.equal(inverted, 0)
  // Goal: 1 %. A life of 200 ms on a machine that does other work makes few mutations, of which one is a larger share.
  assert.ok(share < 5, `${share} % of the events were told again`)
  assert.ok(acknowledged.size >= mutations / 4, 'many of the mutations were acknowledged')
}
