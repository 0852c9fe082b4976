import assert from 'node:assert/strict'
import { createHmac } from 'node:crypto'
import { readdir, readFile } from 'node:fs/promises'
import { type IncomingMessage, request } from 'node:http'
import { join } from 'node:path'
import test, { type TestContext } from 'node:test'
import { operations } from '@aquifer/http-adapter'
import { requestFor } from '../../http-adapter/dist-test/request-for-row.js'
import { signMessage, type ToSign } from '../../http-adapter/dist-test/signing-client.js'
import { Running, temporaryDirectory } from './running-server.js'

const signer = { accessKeyId: 'ROOTKEY', secretAccessKey: 'Zq9/very+secret=Words&more' }

/** A secret, what signs for a day in its place, and how either may be written down. */
function spellings(secret: string): Buffer[] {
  const day = new Date().toISOString().slice(0, 10).replaceAll('-', '')
  const signingKey = [day, 'us-east-1', 's3', 'aws4_request'].reduce<string | Buffer>(
    (key, text) => createHmac('sha256', key).update(text).digest(),
    `AWS4${secret}`,
  ) as Buffer
  return [Buffer.from(secret), signingKey].flatMap((bytes) => [
    bytes,
    ...['hex', 'base64', 'base64url'].map((encoding) =>
      Buffer.from(bytes.toString(encoding as BufferEncoding).replace(/=+$/, '')),
    ),
    ...(bytes === signingKey
      ? []
      : [encodeURIComponent(secret), JSON.stringify(secret)].map((text) => Buffer.from(text))),
  ])
}

/** All that a request is answered, head and body. */
async function answered(
  url: URL,
  what: Partial<ToSign> & { path: string; method: string },
  secretAccessKey: string,
) {
  const { method, rawUrl, headers, frames } = signMessage(
    { ...signer, secretAccessKey },
    { form: 'header', payload: 'hashed', host: url.host, date: new Date(), ...what },
  )
  const sent = request({
    host: url.hostname,
    port: url.port,
    method,
    path: rawUrl,
    headers: Object.fromEntries(headers),
    agent: false,
  })
  for (const frame of frames) sent.write(frame)
  sent.end()
  const answer = await new Promise<IncomingMessage>((resolve, reject) =>
    sent.once('response', resolve).once('error', reject),
  )
  const chunks: Buffer[] = [Buffer.from(answer.rawHeaders.join('\n'))]
  for await (const chunk of answer) chunks.push(chunk as Buffer)
  return { status: answer.statusCode!, bytes: Buffer.concat(chunks), rawUrl }
}

/** Every operation of the table, as its row recognises it. */
function* everyOperation(): Generator<ReturnType<typeof requestFor>> {
  for (const row of Object.values(operations)) if (!('sameWireAs' in row)) yield requestFor(row)
}

async function startTalkative(t: TestContext, directory: string) {
  const running = new Running(t, ['serve', directory, '--port', '0', '--log', 'trace', '--signature-v2'], {
    AQUIFER_ROOT_ACCESS_KEY: signer.accessKeyId,
    AQUIFER_ROOT_SECRET_KEY: signer.secretAccessKey,
    DEBUG: '*',
  })
  const url = new URL((await running.says(/Aquifer serves S3 at (\S+) from/))[1]!)
  await running.says(/"msg":"ready"/)
  return { running, url }
}

test('no secret is in any answer, any line of log, or the data directory', async (t) => {
  const directory = await temporaryDirectory(t)
  const { running, url } = await startTalkative(t, directory)
  const seen: [name: string, bytes: Buffer][] = []
  const presigned: string[] = []
  for (const method of ['bucket', 'bucket/key'])
    await answered(url, { method: 'PUT', path: `/${method}` }, signer.secretAccessKey)
  for (const what of everyOperation()) {
    for (const form of ['header', 'query'] as const) {
      for (const secret of [signer.secretAccessKey, 'another']) {
        // What deletes would leave nothing to ask about.
        if (secret === signer.secretAccessKey && what.method === 'DELETE' && what.query?.length === 0)
          continue
        const { bytes, rawUrl } = await answered(url, { form, ...what }, secret)
        seen.push([`${what.method} ${rawUrl}`, bytes])
        if (form === 'query' && secret === signer.secretAccessKey)
          presigned.push(/X-Amz-Signature=([\da-f]{64})/.exec(rawUrl)![1]!)
      }
    }
  }
  assert.ok(seen.length > 400)
  running.process.kill('SIGTERM')
  assert.equal(await running.ended, 0)
  const logs = Buffer.from(running.out + running.err)
  assert.match(logs.toString(), /SignatureDoesNotMatch/)
  assert.ok(logs.includes(signer.accessKeyId))
  seen.push(['log', logs])
  for (const name of await readdir(directory, { recursive: true, withFileTypes: true }))
    if (name.isFile()) seen.push([name.name, await readFile(join(name.parentPath, name.name))])

  for (const [name, bytes] of seen)
    for (const spelling of spellings(signer.secretAccessKey))
      assert.ok(!bytes.includes(spelling), `${name} holds ${spelling}`)
  // A presigned URL is a password for as long as it lasts.
  for (const signature of presigned) assert.ok(!logs.includes(signature), signature)
})
