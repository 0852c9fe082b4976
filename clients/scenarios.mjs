// What every client must be able to do: one table, run with each client in turn.
import assert from 'node:assert/strict'
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import test from 'node:test'
import { bytesNamed, sha256OfFile, writeFileNamed } from './harness/bytes.mjs'
import { putMany } from './harness/put-many.mjs'
import { openWorkplace } from './harness/workplace.mjs'

const largeBytes = 24 * 1024 * 1024 + 1
const manyKeys = 2_500
const oddKeys = [
  'a b',
  'a+b',
  'ü/日本',
  'a//b',
  '.',
  '..',
  'a%2Fb',
  `a&b<c>'d"`,
  `${'é'.repeat(500)}${'x'.repeat(24)}`, // 1,024 bytes of UTF-8: the longest key.
]

/**
 * A client as the scenarios use it. Every method is asynchronous; a path is a local file's.
 * @typedef {object} Connection
 * @property {(bucket: string, key: string, path: string) => Promise<void>} put Large files go by multipart upload.
 * @property {(bucket: string, key: string, path: string) => Promise<void>} get
 * @property {(bucket: string, prefix: string) => Promise<string[]>} list Full keys.
 * @property {(bucket: string, from: string, to: string) => Promise<void>} copy
 * @property {(bucket: string, prefix: string) => Promise<void>} deleteAll
 * @property {(bucket: string, key: string) => Promise<string>} [presignGet]
 * @property {(bucket: string, key: string) => Promise<string>} [presignPut]
 * @property {() => Promise<void>} [close]
 */

const scenarios = [
  {
    name: 'what is put comes back byte-equal',
    async run(s3, { bucket, folder, witness }) {
      for (const sizeBytes of [0, 1, 100_000]) {
        const key = `plain/${sizeBytes}.bin`
        const bytes = bytesNamed(key, sizeBytes)
        await writeFile(join(folder, 'up'), bytes)
        await s3.put(bucket, key, join(folder, 'up'))
        assert.ok((await witness.get(bucket, key)).equals(bytes), `${key} as stored`)
        await s3.get(bucket, key, join(folder, 'down'))
        assert.ok((await readFile(join(folder, 'down'))).equals(bytes), `${key} as read`)
      }
    },
  },
  {
    name: 'a large file goes up in parts and comes back byte-equal',
    async run(s3, { bucket, folder, witness }) {
      await writeFileNamed(join(folder, 'up'), 'large', largeBytes)
      await s3.put(bucket, 'large.bin', join(folder, 'up'))
      const head = await witness.head(bucket, 'large.bin')
      assert.equal(head.ContentLength, largeBytes)
      assert.match(head.ETag, /^"[0-9a-f]{32}-\d+"$/, 'it was a multipart upload')
      await s3.get(bucket, 'large.bin', join(folder, 'down'))
      assert.equal(await sha256OfFile(join(folder, 'down')), await sha256OfFile(join(folder, 'up')))
    },
  },
  {
    name: 'a copy has the bytes of its source',
    async run(s3, { bucket, folder, witness }) {
      const bytes = bytesNamed('source', 5_000)
      await witness.put(bucket, 'source é.bin', bytes)
      await s3.copy(bucket, 'source é.bin', 'copied é.bin')
      assert.ok((await witness.get(bucket, 'copied é.bin')).equals(bytes))

      await writeFileNamed(join(folder, 'up'), 'large source', largeBytes)
      await s3.put(bucket, 'large.bin', join(folder, 'up'))
      await s3.copy(bucket, 'large.bin', 'large-copied.bin')
      await writeFile(join(folder, 'down'), await witness.get(bucket, 'large-copied.bin'))
      assert.equal(await sha256OfFile(join(folder, 'down')), await sha256OfFile(join(folder, 'up')))
    },
  },
  {
    name: 'a listing of 2,500 keys is whole and all of them can be deleted',
    async run(s3, { bucket, witness, place }) {
      const keys = Array.from({ length: manyKeys }, (_, n) => `many/${String(n).padStart(5, '0')} é`)
      await witness.put(bucket, 'beside.txt', Buffer.from('stays'))
      await putMany(place, bucket, keys)
      assert.deepEqual((await s3.list(bucket, 'many/')).sort(), keys)
      await s3.deleteAll(bucket, 'many/')
      assert.deepEqual(await witness.list(bucket), ['beside.txt'])
    },
  },
  ...oddKeys.map((key) => ({
    name: `the odd key ${key.length > 20 ? 'of 1,024 bytes' : `"${key}"`} names one object`,
    key,
    async run(s3, { bucket, folder, witness }) {
      const bytes = bytesNamed(key, 1_000)
      await writeFile(join(folder, 'up'), bytes)
      await s3.put(bucket, key, join(folder, 'up'))
      assert.deepEqual(await witness.list(bucket), [key])
      assert.ok((await witness.get(bucket, key)).equals(bytes))
      await s3.get(bucket, key, join(folder, 'down'))
      assert.ok((await readFile(join(folder, 'down'))).equals(bytes))
      assert.deepEqual(await s3.list(bucket, ''), [key])
    },
  })),
  {
    name: 'a presigned GET gives the object to who has no key',
    needs: 'presignGet',
    async run(s3, { bucket, witness }) {
      const bytes = bytesNamed('presigned', 3_000)
      await witness.put(bucket, 'pre signed/é+.bin', bytes)
      const answer = await fetch(await s3.presignGet(bucket, 'pre signed/é+.bin'))
      assert.equal(answer.status, 200)
      assert.ok(Buffer.from(await answer.arrayBuffer()).equals(bytes))
    },
  },
  {
    name: 'a presigned PUT takes an object from who has no key',
    needs: 'presignPut',
    async run(s3, { bucket, witness }) {
      const bytes = bytesNamed('presigned', 3_000)
      const url = await s3.presignPut(bucket, 'pre signed/é+.bin')
      const answer = await fetch(url, { method: 'PUT', body: bytes })
      assert.equal(answer.status, 200, await answer.text())
      assert.ok((await witness.get(bucket, 'pre signed/é+.bin')).equals(bytes))
    },
  },
]

/**
 * Runs the table with one client, over a server of its own.
 * @param {object} client
 * @param {string} client.name
 * @param {string | false} [client.skip] Why the client is not here.
 * @param {(place: object) => Promise<Connection>} client.connect
 * @param {string[]} [client.settings] Flags of the server that it needs.
 * @param {Record<string, string>} [client.cannot] Odd keys and methods that the client itself has no way to say, and why.
 */
export function testClient({ name, skip = false, connect, settings, cannot = {} }) {
  test(name, { skip }, async (t) => {
    const place = await openWorkplace(t, settings)
    const s3 = await connect(place)
    place.atEnd(async () => s3.close?.())
    for (const [index, scenario] of scenarios.entries()) {
      const why = cannot[scenario.key ?? scenario.needs]
      await t.test(`${name}: ${scenario.name}`, { skip: why ?? false }, async () => {
        const bucket = `scenario-${index}`
        const folder = join(place.folder, bucket)
        await mkdir(folder)
        await place.witness.createBucket(bucket)
        try {
          await scenario.run(s3, { bucket, folder, place, witness: place.witness })
        } catch (error) {
          throw new Error(
            `${error.message}\nThe server's last lines:\n${place.serverOutput().slice(-3_000)}`,
            {
              cause: error,
            },
          )
        }
      })
    }
  })
}
