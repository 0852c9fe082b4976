// A webhook that keeps what is posted to it, and the settings of a server that may post there.
import { once } from 'node:events'
import { createServer } from 'node:http'

export async function openWebhook(t) {
  const got = []
  let wake = () => {}
  const server = createServer(async (request, response) => {
    let text = ''
    for await (const chunk of request) text += chunk
    got.push(JSON.parse(text))
    response.end()
    wake()
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.after(() => {
    server.close()
    server.closeAllConnections()
  })
  return {
    arn: 'arn:minio:sqs::hook:webhook',
    settings: [
      '--notify-webhook',
      `hook=http://127.0.0.1:${server.address().port}/`,
      '--allow-calls-to',
      '127.0.0.1',
    ],
    /** Everything that has come, once it is so much. */
    async holds(count) {
      while (got.length < count)
        await new Promise((resolve) => {
          wake = resolve
        })
      return got
    },
  }
}
