// Runs both: an Express server that is asked over a socket, and a fetch handler that is simply called.
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { Engine } from '@aquifer/engine'
import { createApp } from './express-app.js'
import { createFetchHandler } from './fetch-handler.js'

async function show(what: string, answer: Response) {
  const body = (await answer.text()).replace(/^<\?xml.*?\?>\s*/, '')
  console.log(`  ${what.padEnd(42)} ${answer.status}  ${body.slice(0, 60)}`)
}

// No directory: everything is in memory, and gone at the end.
await using engine = await Engine.open({})

console.log('Express, under /storage, for whoever has signed in:')
const server = createApp(engine).listen(0, '127.0.0.1')
await once(server, 'listening')
const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
const signedIn = { authorization: 'Bearer token-of-ada' }
await show('GET / is the application', await fetch(url))
await show('PUT a bucket', await fetch(`${url}/storage/public`, { method: 'PUT', headers: signedIn }))
const put = { method: 'PUT', headers: signedIn, body: 'Hello from Express.' }
await show('PUT an object', await fetch(`${url}/storage/public/hello.txt`, put))
await show('GET it', await fetch(`${url}/storage/public/hello.txt`, { headers: signedIn }))
await show('GET it without a token', await fetch(`${url}/storage/public/hello.txt`))
server.close()

console.log('A fetch handler on the same engine, with an API key:')
const handle = createFetchHandler(engine, 'key-of-the-service')
const known = { 'x-api-key': 'key-of-the-service' }
await show('a visitor reads what is public', await handle(new Request('http://s3/public/hello.txt')))
await show('a visitor may not list it', await handle(new Request('http://s3/public')))
await show(
  'a visitor may not write',
  await handle(new Request('http://s3/public/x', { method: 'PUT', body: 'x' })),
)
await show(
  'the service may',
  await handle(new Request('http://s3/public/x', { method: 'PUT', body: 'x', headers: known })),
)
