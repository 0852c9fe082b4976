// An application with a page, and a storage beside it that the page uploads to. Run with a port, it stays, and the page
// can be tried; without one it sends the form itself, as the page would, and ends.
import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { Engine } from '@aquifer/engine'
import { createNodeServer, createS3Handler } from '@aquifer/http-adapter'
import { page } from './page.js'
import { signForm } from './sign-form.js'

const keys = { accessKeyId: 'APPLICATION', secretAccessKey: 'a secret of the application' }
const port = Number(process.argv[2] ?? 0)

async function listen(server: Server, wanted: number): Promise<string> {
  server.listen(wanted, '127.0.0.1')
  await once(server, 'listening')
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

// No directory: everything is in memory, and gone at the end.
await using engine = await Engine.open()
await engine.createBucket('uploads')
const storage = createNodeServer(
  createS3Handler(engine, {
    credentials: {
      findCredentials: (id) =>
        id === keys.accessKeyId
          ? { secretAccessKey: keys.secretAccessKey, ownerId: 'application', displayName: 'application' }
          : undefined,
    },
  }),
)
const storageUrl = await listen(storage, port === 0 ? 0 : port + 1)
const formOf = (user: string) =>
  signForm({ ...keys, bucket: 'uploads', keyPrefix: `${user}/`, maxBytes: 1_000_000, validForSeconds: 600 })

const application = createServer((_request, response) => {
  response.setHeader('content-type', 'text/html; charset=utf-8')
  response.end(page(`${storageUrl}/uploads`, formOf('ada')))
})
const origin = await listen(application, port)
// Pages of the application, and no others, may send forms and see what is answered.
await engine
  .bucket('uploads')
  .setConfiguration('cors', [{ allowedOrigins: [origin], allowedMethods: ['POST'] }])

if (port === 0) {
  const send = async (what: string, change: Record<string, string>, bytes: number) => {
    const form = new FormData()
    for (const [name, value] of Object.entries({ ...formOf('ada'), ...change })) form.append(name, value)
    form.append('file', new Blob([new Uint8Array(bytes)]), 'notes.txt')
    const answer = await fetch(`${storageUrl}/uploads`, { method: 'POST', body: form, headers: { origin } })
    const [, why = ''] = /<Message>(.*?)</.exec(await answer.text()) ?? []
    console.log(`  ${what.padEnd(28)} ${answer.status}  ${why}`)
  }
  console.log('A form signed for what is below ada/, up to a megabyte:')
  await send('a file', {}, 1_000)
  await send('one that is too large', {}, 1_000_001)
  await send("one of somebody else's", { key: 'bob/notes.txt' }, 1_000)
  await send('one with another right', { acl: 'public-read' }, 1_000)
  for await (const entry of engine.bucket('uploads').list())
    if (entry.type === 'object') console.log(`  stored: ${entry.info.key}, ${entry.info.sizeBytes} bytes`)
} else {
  console.log(`Open ${origin}; Ctrl-C ends it.`)
  await once(process, 'SIGINT')
}
storage.close()
application.close()
