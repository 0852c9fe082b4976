// One stream, sent once over HTTP and stored once, as an object for each of many tenants.
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { Engine } from '@aquifer/engine'
import { createNodeServer, createS3Handler } from '@aquifer/http-adapter'
import { fanOut } from './fan-out.js'

const keys = { accessKeyId: 'PUBLISHER', secretAccessKey: 'a secret of the publisher' }

// No directory: everything is in memory, and gone at the end. Instead of this server there may be any other: `aquifer serve`
// takes lists from forms of users who may `s3:PutObjectFanOut`, and from root's with --root-fan-out.
await using engine = await Engine.open()
await engine.createBucket('tenants')
const storage = createNodeServer(
  createS3Handler(engine, {
    credentials: {
      findCredentials: (id) =>
        id === keys.accessKeyId
          ? { secretAccessKey: keys.secretAccessKey, ownerId: 'publisher', displayName: 'publisher' }
          : undefined,
    },
  }),
).listen(0, '127.0.0.1')
await once(storage, 'listening')
const endpoint = `http://127.0.0.1:${(storage.address() as AddressInfo).port}`

/** A report as it is being made: nobody holds all of it. */
async function* report() {
  for (let line = 1; line <= 100_000; line++) yield Buffer.from(`line ${line} of the report\n`)
}

const results = await fanOut(
  endpoint,
  'tenants',
  report(),
  [
    { key: 'ada/report.txt', contentType: 'text/plain', tags: { month: '2026-11' } },
    { key: 'bob/report.txt', contentType: 'text/plain', metadata: { language: 'en' } },
    { key: `${'too-long/'.repeat(200)}report.txt` },
  ],
  keys,
)
for (const { key, etag, error } of results) console.log(key.slice(0, 30).padEnd(30), error ?? etag)
for await (const entry of engine.bucket('tenants').list())
  if (entry.type === 'object') console.log(`stored: ${entry.info.key}, ${entry.info.sizeBytes} bytes`)
storage.close()
