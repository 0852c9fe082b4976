// One stream that is read once, stored once, and becomes many objects, each with its own facts and its own life.
import { Engine } from '@aquifer/engine'

await using engine = await Engine.open() // In memory: the same calls with { directory } keep it on disk.
await engine.createBucket('tenants')
await engine.createBucket('archive', { objectLock: true })
const tenants = engine.bucket('tenants')

async function* report() {
  for (let line = 1; line <= 100_000; line++) yield Buffer.from(`line ${line} of the report\n`)
}

// Each target is decided about for itself, as a put would be; one that is refused stops no other.
const yearFromNow = new Date(Date.now() + 365 * 86_400_000)
const results = await tenants.fanOut(report(), [
  { key: 'ada/report.txt', contentType: 'text/plain', tags: { month: '2026-11' } },
  { key: 'bob/report.txt', contentType: 'text/plain', metadata: { language: 'en' } },
  { key: 'ada/report.txt', ifNoneMatch: '*' },
  {
    bucket: 'archive',
    key: '2026/report.txt',
    retention: { mode: 'compliance', retainUntil: yearFromNow },
  },
])
for (const result of results) {
  if (result.status === 'rejected') console.log('refused', result.reason.code)
  else console.log('written', result.value.key, result.value.sizeBytes, result.value.versionId ?? '')
}

// The bytes stay until the last of them goes.
await tenants.delete('ada/report.txt')
await tenants.append('bob/report.txt', Buffer.from('a line of his own\n'))
await using archived = await engine.bucket('archive').get('2026/report.txt')
let sizeBytes = 0
for await (const chunk of archived.chunks()) sizeBytes += chunk.byteLength
console.log('archived', sizeBytes)

// All or none: here none, since one is there already.
const all = [{ key: 'bob/report.txt', ifNoneMatch: '*' as const }, { key: 'eve/report.txt' }]
await tenants.fanOut(report(), all, { atomic: true }).catch((error) => console.log('none:', error.code))
for await (const entry of tenants.list())
  if (entry.type === 'object') console.log('there:', entry.info.key, entry.info.sizeBytes)
