// A real browser: a page of one origin and a server of another, between which CORS decides.
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer } from 'node:http'
import test from 'node:test'
import {
  DeleteBucketCorsCommand,
  GetObjectCommand,
  PutBucketCorsCommand,
  PutObjectCommand,
  S3Client,
} from '@aws-sdk/client-s3'
import { createPresignedPost } from '@aws-sdk/s3-presigned-post'
import { getSignedUrl } from '@aws-sdk/s3-request-presigner'
import { chromium } from 'playwright-core'
import { findProgram, unless } from './harness/programs.mjs'
import { openWorkplace } from './harness/workplace.mjs'

const Bucket = 'pages'
const browserPath = findProgram('chromium')

/** A page that says nothing; what it does, tests tell it. */
async function openPage(t) {
  const server = createServer((_request, response) => {
    response.setHeader('content-type', 'text/html; charset=utf-8')
    response.end('<!doctype html><title>A page</title>')
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const browser = await chromium.launch({ executablePath: browserPath, args: ['--no-sandbox'] })
  t.after(async () => {
    await browser.close()
    server.closeAllConnections()
    server.close()
  })
  const page = await browser.newPage()
  const origin = `http://127.0.0.1:${server.address().port}`
  await page.goto(origin)
  return { page, origin }
}

test('a page of another origin, in Chromium', { skip: unless(browserPath, 'chromium') }, async (t) => {
  const place = await openWorkplace(t, ['--cors-origin', 'none'])
  const { url: endpoint, region, accessKeyId, secretAccessKey, witness } = place
  const client = new S3Client({
    endpoint,
    region,
    forcePathStyle: true,
    credentials: { accessKeyId, secretAccessKey },
    requestChecksumCalculation: 'WHEN_REQUIRED',
  })
  t.after(() => client.destroy())
  await witness.createBucket(Bucket)
  const { page, origin } = await openPage(t)
  const rules = (AllowedOrigins) =>
    client.send(
      new PutBucketCorsCommand({
        Bucket,
        CORSConfiguration: {
          CORSRules: [
            {
              AllowedOrigins,
              AllowedMethods: ['GET', 'PUT', 'POST'],
              AllowedHeaders: ['*'],
              ExposeHeaders: ['ETag'],
            },
          ],
        },
      }),
    )
  /** Of what the page fetches: status, text and ETag, or that the browser did not let it. */
  const fetchInPage = (url, { method = 'GET', fields, text } = {}) =>
    page.evaluate(
      async ([url, method, fields, text]) => {
        const form = new FormData()
        for (const [name, value] of Object.entries(fields ?? {})) form.append(name, value)
        form.append('file', new File([text ?? ''], 'a file.txt', { type: 'text/plain' }))
        const body = fields === undefined ? text : form
        try {
          const answer = await fetch(url, { method, body, cache: 'no-store' })
          return { status: answer.status, text: await answer.text(), etag: answer.headers.get('etag') }
        } catch (error) {
          return { refused: error.name }
        }
      },
      [url, method, fields, text],
    )
  const formFor = (Key) => createPresignedPost(client, { Bucket, Key, Expires: 600 })
  const urlFor = (Command, Key) => getSignedUrl(client, new Command({ Bucket, Key }), { expiresIn: 600 })

  await t.test('uploads by a form and by a presigned PUT, and reads both back', async () => {
    await rules([origin])
    const { url, fields } = await formFor('by form.txt')
    const posted = await fetchInPage(url, { method: 'POST', fields, text: 'from a form' })
    assert.equal(posted.status, 204, posted.text)
    assert.match(posted.etag, /^"[0-9a-f]{32}"$/)
    const put = await fetchInPage(await urlFor(PutObjectCommand, 'by put.txt'), {
      method: 'PUT',
      text: 'from a put',
    })
    assert.equal(put.status, 200, put.text)
    for (const [key, text] of [
      ['by form.txt', 'from a form'],
      ['by put.txt', 'from a put'],
    ]) {
      assert.equal((await fetchInPage(await urlFor(GetObjectCommand, key))).text, text)
      assert.equal(String(await witness.get(Bucket, key)), text)
    }
  })

  await t.test('sees the error of what is refused', async () => {
    const { url, fields } = await formFor('refused.txt')
    const posted = await fetchInPage(url, {
      method: 'POST',
      fields: { ...fields, key: 'another' },
      text: 'x',
    })
    assert.equal(posted.status, 403)
    assert.match(posted.text, /Policy Condition failed/)
    const missing = await fetchInPage(await urlFor(GetObjectCommand, 'missing'))
    assert.match(missing.text, /<Code>NoSuchKey</)
  })

  await t.test('is kept out where rules name others, or there are none', async () => {
    for (const close of [
      () => rules(['https://else.example']),
      () => client.send(new DeleteBucketCorsCommand({ Bucket })),
    ]) {
      await close()
      assert.deepEqual(await fetchInPage(await urlFor(GetObjectCommand, 'by put.txt')), {
        refused: 'TypeError',
      })
      const put = await fetchInPage(await urlFor(PutObjectCommand, 'kept out.txt'), {
        method: 'PUT',
        text: 'x',
      })
      assert.deepEqual(put, { refused: 'TypeError' })
    }
    assert.deepEqual(await witness.list(Bucket), ['by form.txt', 'by put.txt'])
  })

  await t.test('may send a plain form without any rules, and is sent on to where it asked', async () => {
    const target = `${origin}/done`
    const { url, fields } = await createPresignedPost(client, {
      Bucket,
      Key: `plain/${'$'}{filename}`,
      Fields: { success_action_redirect: target },
      Expires: 600,
    })
    await page.setContent(
      `<form accept-charset="utf-8" method="post" enctype="multipart/form-data" action="${url}">${Object.entries(
        fields,
      )
        .map(
          ([name, value]) =>
            `<input type="hidden" name="${name}" value="${value.replaceAll('"', '&quot;')}">`,
        )
        .join('')}<input type="file" name="file"><button name="submit">Upload</button></form>`,
    )
    await page.setInputFiles('input[type=file]', {
      name: 'größe 1.txt',
      mimeType: 'text/plain',
      buffer: Buffer.from('chosen'),
    })
    await Promise.all([page.waitForURL(`${target}?**`), page.click('button')])
    const answer = new URL(page.url()).searchParams
    assert.deepEqual([answer.get('bucket'), answer.get('key')], [Bucket, 'plain/größe 1.txt'])
    assert.equal(String(await witness.get(Bucket, 'plain/größe 1.txt')), 'chosen')
  })
})
