// How fast a backlog of events is drained to a webhook on the same machine, beside what plain POSTs to it reach; and what a target
// that is down does to another.
import { fork } from 'node:child_process'
import { once } from 'node:events'
import { rm } from 'node:fs/promises'
import { Agent, request } from 'node:http'
import { performance } from 'node:perf_hooks'
import { fileURLToPath } from 'node:url'
import { Engine } from '@aquifer/engine'
import { OutgoingCalls, WebhookTarget } from '@aquifer/targets'
import { median } from '../report/figures.mjs'
import { freshDirectory } from '../report/fresh-directory.mjs'
import { machineInWords } from '../report/machine.mjs'
import { readOptions } from '../report/options.mjs'

const help = `Usage: node bench/events/main.mjs [options]      After a build.

Puts objects while one webhook is down and another is up, then has the first come up and counts events a second until its backlog is
empty; in turn with plain POSTs of as many messages, as many at a time. The webhooks are processes of their own.

  --events N        that wait for the webhook that is down (default 10000)
  --rounds N        (default 3)
  --directory DIR   where the store lies; removed afterwards (default: in the system's temporary directory)
  --help
`
const values = readOptions(help, { events: '10000', rounds: '3', directory: undefined })
const count = Number(values.events)
const CONCURRENCY = 8

async function webhook() {
  const child = fork(fileURLToPath(new URL('./webhook.child.mjs', import.meta.url)))
  const [{ port }] = await once(child, 'message')
  return {
    port,
    tell: (order) => child.send(order),
    async count() {
      child.send('count')
      const [answer] = await once(child, 'message')
      return answer.count
    },
    close: () => child.disconnect(),
  }
}

const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms))

/** POSTs of a message of the size of an event's, with nothing behind them. */
async function plainPosts({ port }) {
  const agent = new Agent({ keepAlive: true, maxSockets: CONCURRENCY })
  const body = Buffer.alloc(900, 'x')
  let left = count
  const began = performance.now()
  await Promise.all(
    Array.from({ length: CONCURRENCY }, async () => {
      while (left-- > 0)
        await new Promise((resolve, reject) => {
          const call = request({ host: '127.0.0.1', port, method: 'POST', agent }, (answer) => {
            answer.resume()
            answer.on('end', resolve)
          })
          call.on('error', reject)
          call.end(body)
        })
    }),
  )
  agent.destroy()
  return count / ((performance.now() - began) / 1_000)
}

const arns = { down: 'arn:minio:sqs::down:webhook', up: 'arn:minio:sqs::up:webhook' }

async function drain(directory, down, up) {
  await rm(directory, { recursive: true, force: true })
  const target = ({ port }) =>
    new WebhookTarget({
      url: `http://127.0.0.1:${port}/`,
      calls: new OutgoingCalls({ allowed: ['127.0.0.1'] }),
    })
  const engine = await Engine.open({
    directory,
    eventTargets: [
      { arn: arns.down, target: target(down), concurrency: CONCURRENCY },
      { arn: arns.up, target: target(up), concurrency: CONCURRENCY },
    ],
  })
  await engine.createBucket('told')
  const bucket = engine.bucket('told')
  const names = ['s3:ObjectCreated:*']
  await bucket.setConfiguration('notification', { rules: Object.values(arns).map((arn) => ({ arn, names })) })
  const [before, beforeUp] = [await down.count(), await up.count()]
  down.tell('down')
  let next = 0
  await Promise.all(
    Array.from({ length: 64 }, async () => {
      while (next < count) await bucket.put(`key ${next++}`, Buffer.alloc(1_024))
    }),
  )
  const putBy = performance.now()
  while ((await up.count()) - beforeUp < count) await sleep(5)
  const upLagMs = performance.now() - putBy
  const waiting = (await engine.events.status()).find(({ name }) => name === arns.down).waiting
  down.tell('up')
  // From the first that it takes: until then it rests.
  while ((await down.count()) === before) await sleep(2)
  const began = performance.now()
  const first = (await down.count()) - before
  while ((await down.count()) - before < count) await sleep(5)
  const seconds = (performance.now() - began) / 1_000
  await engine.close()
  return { perSecond: (count - first) / seconds, waiting, upLagMs }
}

const directory = await freshDirectory('events', values.directory)
const [down, up] = [await webhook(), await webhook()]
const rounds = []
try {
  for (let round = 0; round < Number(values.rounds); round++) {
    const drained = await drain(directory, down, up)
    const posts = await plainPosts(down)
    rounds.push({ ...drained, posts })
    console.log(
      `round ${round + 1}: ${drained.waiting} waited; drained at ${Math.round(drained.perSecond)} events/s; plain POSTs ${Math.round(posts)}/s; the other target had its last event ${Math.round(drained.upLagMs)} ms after the last put`,
    )
  }
} finally {
  down.close()
  up.close()
  await rm(directory, { recursive: true, force: true })
}
const [drained, posts] = [rounds.map(({ perSecond }) => perSecond), rounds.map((each) => each.posts)].map(
  median,
)
console.log(`${machineInWords()}
median: ${Math.round(drained)} events/s, ${(drained / posts).toFixed(2)} of plain POSTs`)
