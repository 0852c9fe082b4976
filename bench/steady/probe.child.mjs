// Ten times a second 4 KiB are appended to a file and synced: what the disk itself takes while others write.
// usage: node probe.child.mjs '{"path", "seconds"}'      Prints the longest of each second, in milliseconds, as JSON.
import { open } from 'node:fs/promises'
import { performance } from 'node:perf_hooks'
import { setTimeout as wait } from 'node:timers/promises'

const { path, seconds } = JSON.parse(process.argv[2])
const file = await open(path, 'w')
const bytes = Buffer.alloc(4_096, 1)
const longestMs = []
const began = performance.now()
for (let n = 0; ; n++) {
  const asked = performance.now()
  const second = Math.floor((asked - began) / 1_000)
  if (second >= seconds) break
  await file.write(bytes, 0, bytes.length, (n % 1_000) * bytes.length)
  await file.datasync()
  const tookMs = performance.now() - asked
  longestMs[second] = Math.max(longestMs[second] ?? 0, tookMs)
  await wait(Math.max(0, 100 - tookMs))
}
await file.close()
console.log(JSON.stringify(longestMs))
