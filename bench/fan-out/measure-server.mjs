import assert from 'node:assert/strict'
import { performance } from 'node:perf_hooks'
import { fileURLToPath } from 'node:url'
import { fanOutForm } from '../../examples/fan-out/dist/fan-out-form.js'
import { startServer } from '../../scripts/start-server.mjs'
import { openS3 } from '../memory/s3.mjs'
import { directoryMib } from '../report/directory-size.mjs'
import { forgetPeak, peakResidentMib } from '../report/process.mjs'

const MIB = 2 ** 20
const main = fileURLToPath(new URL('../../packages/server/dist/main.js', import.meta.url))
const credentials = { accessKeyId: 'AQUIFERBENCH', secretAccessKey: 'a-secret-of-the-benchmark' }

/** The same over HTTP: a PUT, and the form of a fan-out, to a server of its own. */
export async function measureServer({ directory, mib, targets, rounds }) {
  const more = ['--root-fan-out', '--fan-out-entries', String(targets)]
  const server = await startServer({
    command: [process.execPath, main, 'serve', directory, '--port', '0', '--log', 'warn', ...more],
    env: {
      AQUIFER_ROOT_ACCESS_KEY: credentials.accessKeyId,
      AQUIFER_ROOT_SECRET_KEY: credentials.secretAccessKey,
    },
  })
  const measured = []
  try {
    const s3 = openS3({ url: server.url, region: 'us-east-1', ...credentials })
    await s3.put('/bench', Buffer.alloc(0))
    for (let round = 0; round < rounds; round++) {
      const began = performance.now()
      await s3.putLarge(`/bench/one-${round}`, mib * MIB)
      const putMs = performance.now() - began

      const entries = Array.from({ length: targets }, (_, n) => ({ key: `many-${round}/${n}` }))
      const form = fanOutForm('bench', entries, credentials)
      const before = await directoryMib(directory)
      forgetPeak(server.pid)
      const asked = performance.now()
      const { sha1, text } = await s3.postLarge('/bench', form, mib * MIB)
      const fanOutMs = performance.now() - asked
      const peakMib = peakResidentMib(server.pid)
      measured.push({ putMs, fanOutMs, peakMib, grownMib: (await directoryMib(directory)) - before })

      const results = text
        .trimEnd()
        .split('\n')
        .map((line) => JSON.parse(line))
      assert.deepEqual(
        results.map(({ key, error }) => [key, error]),
        entries.map(({ key }) => [key, undefined]),
      )
      if (round === 0) assert.equal(await s3.getLarge(`/bench/${entries.at(-1).key}`), sha1)
    }
  } finally {
    await server.stop()
  }
  return measured
}
