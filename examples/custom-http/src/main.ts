// Runs both: an Express server that is asked over a socket, and a fetch handler that is simply called.
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { Engine } from '@aquifer/engine'
import { createApp } from './express-app.js'
import { createFetchHandler } from './fetch-handler.js'

async function show(what: string, answer: Response) {
  const body = await answer.text()
  const [, errorCode = body] = /<Code>(\w+)</.exec(body) ?? []
  console.log(`  ${what.padEnd(32)} ${answer.status}  ${errorCode}`)
}

// No directory: everything is in memory, and gone at the end.
await using engine = await Engine.open()

console.log('Express, under /storage, for whoever has signed in:')
const server = createApp(engine).listen(0, '127.0.0.1')
await once(server, 'listening')
const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
const hello = `${url}/storage/public/hello.txt`
const headers = { authorization: 'Bearer token-of-ada' }
await show('GET / is the application', await fetch(url))
await show('PUT a bucket', await fetch(`${url}/storage/public`, { method: 'PUT', headers }))
await show('PUT an object', await fetch(hello, { method: 'PUT', headers, body: 'Hello from Express.' }))
await show('GET it', await fetch(hello, { headers }))
await show('GET it without a token', await fetch(hello))
server.close()

console.log('A fetch handler on the same engine, with an API key:')
const handle = createFetchHandler(engine, 'key-of-the-service')
const get = (path: string) => new Request(`http://s3.example${path}`)
// S3 wants to know the length beforehand. Over a socket it comes by itself; here the request is made by hand.
const put = (path: string, apiKey: string) =>
  new Request(`http://s3.example${path}`, {
    method: 'PUT',
    headers: { 'x-api-key': apiKey, 'content-length': '7' },
    body: 'A note.',
  })
await show('a visitor reads what is public', await handle(get('/public/hello.txt')))
await show('a visitor may not list it', await handle(get('/public')))
await show('a visitor may not write', await handle(put('/public/note.txt', 'a guess')))
await show('the service may', await handle(put('/public/note.txt', 'key-of-the-service')))
await show('and it is there', await handle(get('/public/note.txt')))
