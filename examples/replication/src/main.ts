// Two engines in one process that replicate a bucket both ways: whatever is written on either side comes to both.
import { randomBytes } from 'node:crypto'
import { setTimeout as delay } from 'node:timers/promises'
import { connectBucket, Engine } from '@aquifer/engine'

/** By an endpoint of their own making. Over HTTP it would be `s3ReplicationTargets` of @aquifer/targets that connects. */
const sites = new Map<string, Engine>()

async function openSite(endpoint: string): Promise<Engine> {
  const engine = await Engine.open({
    sealingKey: randomBytes(32), // Of an engine with a directory it is kept: the keys of targets are sealed under it.
    connectReplicationTarget: ({ endpoint, bucket }) => connectBucket(sites.get(endpoint)!, bucket),
  })
  await engine.createBucket('photos')
  await engine.bucket('photos').setConfiguration('versioning', 'enabled')
  sites.set(endpoint, engine)
  return engine
}

/** All that is made, changed or removed in the bucket goes there. */
async function replicate(engine: Engine, endpoint: string): Promise<void> {
  const { arn } = await engine.replication.addTarget('photos', {
    ...{ endpoint, bucket: 'photos' },
    ...{ accessKeyId: 'none', secretAccessKey: 'none-in-one-process' },
  })
  await engine.bucket('photos').setConfiguration('replication', {
    rules: [
      {
        ...{ status: 'enabled', priority: 1, destination: { arn } },
        ...{ deleteMarkers: 'enabled', versionDeletes: 'enabled', replicaModifications: 'enabled' },
      },
    ],
  })
}

/** Resolves when neither side has anything left to send. */
async function settled(...engines: Engine[]): Promise<void> {
  for (const engine of engines)
    while ((await engine.replication.status()).some(({ waiting }) => waiting > 0)) await delay(10)
}

async function versionsOf(engine: Engine): Promise<string[]> {
  const lines: string[] = []
  for await (const entry of engine.bucket('photos').listVersions())
    if (entry.type === 'version')
      lines.push(
        `${entry.info.key} ${entry.info.versionId} ${entry.info.isDeleteMarker ? 'delete marker' : entry.info.etag}`,
      )
  return lines
}

await using north = await openSite('http://north.example')
await using south = await openSite('http://south.example')
await replicate(north, 'http://south.example')
await replicate(south, 'http://north.example')

await north.bucket('photos').put('cat.jpg', Buffer.from('a cat'), { tags: { taken: 'north' } })
await south.bucket('photos').put('cat.jpg', Buffer.from('another cat'))
await south.bucket('photos').put('dog.jpg', Buffer.from('a dog'))
await settled(north, south)
await north.bucket('photos').delete('dog.jpg') // It was written on the other side.
await settled(north, south)

const [here, there] = [await versionsOf(north), await versionsOf(south)]
for (const line of here) console.log(line)
const { replicationStatus } = await south.bucket('photos').head('cat.jpg')
console.log(`The current version of cat.jpg was written in the south: ${replicationStatus}.`)
if (here.join() !== there.join()) throw new Error('The sides differ.')
console.log('Both sides have the same.')
