// Clients that still sign by Signature Version 2, on their own or because they were told to.
import assert from 'node:assert/strict'
import test from 'node:test'
import { awsCli, connectAwsCli } from './aws-cli.mjs'
import { connectBoto3 } from './harness/boto3.mjs'
import { findPython, unless } from './harness/programs.mjs'
import { openWorkplace } from './harness/workplace.mjs'
import { testClient } from './scenarios.mjs'

const python = findPython('python')
testClient({
  name: 'boto3 1.43.11 by signature version 2',
  skip: unless(python, 'boto3'),
  connect: connectBoto3(python, '1.43.11', 's3'),
  settings: ['--signature-v2'],
})

test('aws-cli presigns by signature version 2 when nobody told it otherwise', {
  skip: unless(awsCli, 'aws-cli'),
}, async (t) => {
  const presign = async (settings) => {
    const place = await openWorkplace(t, settings)
    await place.witness.createBucket('bucket')
    await place.witness.put('bucket', 'a key+é', Buffer.from('for a friend'))
    const aws = await connectAwsCli(place, { signature_version: undefined })
    const url = (await aws(['s3', 'presign', 's3://bucket/a key+é', '--expires-in', '60'])).trim()
    assert.match(url, /[?&]AWSAccessKeyId=/)
    return url
  }
  await t.test('the URL works with the setting on, until it is changed', async () => {
    const url = await presign(['--signature-v2'])
    assert.equal(await (await fetch(url)).text(), 'for a friend')
    assert.equal((await fetch(url.replace('a%20key', 'another'))).status, 403)
    assert.equal((await fetch(`${url}&response-content-type=text/html`)).status, 403)
    assert.equal((await fetch(url, { method: 'PUT', body: 'overwritten' })).status, 403)
  })
  await t.test('with the setting off, the refusal says what the client and the server can do', async () => {
    const answer = await fetch(await presign([]))
    assert.equal(answer.status, 400)
    assert.match(await answer.text(), /signature_version = s3v4.*--signature-v2/)
  })
})
