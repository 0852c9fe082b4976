// Starts the server as the README says (on a free port), asks whether it is ready, and stops it.
import assert from 'node:assert/strict'
import { startServer } from '../../scripts/start-server.mjs'

const server = await startServer({
  command: ['npx', '-y', 'pnpm@12', 'start'],
  env: { AQUIFER_PORT: '0' },
})
try {
  assert.equal((await fetch(`${server.url}/-/ready`)).status, 200)
  console.log(`ready at ${server.url}`)
} finally {
  await server.stop()
}
