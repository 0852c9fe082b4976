// The packed command, started as npm linked it, answers and stops when told.
import assert from 'node:assert/strict'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'

const { startServer } = await import(pathToFileURL(process.argv[2]).href)
const directory = await mkdtemp(join(tmpdir(), 'aquifer-packed-'))
try {
  const server = await startServer({
    command: ['node_modules/.bin/aquifer', 'serve', directory, '--port', '0'],
  })
  try {
    assert.equal((await fetch(`${server.url}/-/ready`)).status, 200)
    assert.equal((await fetch(`${server.url}/`)).status, 403)
  } finally {
    await server.stop()
  }
  console.log('the packed command serves, refuses strangers and stops')
} finally {
  await rm(directory, { recursive: true, force: true })
}
