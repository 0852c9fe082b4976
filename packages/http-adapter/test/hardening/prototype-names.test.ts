import assert from 'node:assert/strict'
import test from 'node:test'
import { S3InMemory, texts } from '../s3-in-memory.js'

const names = [
  '__proto__',
  'constructor',
  'prototype',
  'toString',
  'hasOwnProperty',
  'valueOf',
  '__defineGetter__',
]
const nature = JSON.stringify(Object.getOwnPropertyNames(Object.prototype))

test('names that objects have by nature are names like any other, in every map that a client fills', async () => {
  await using s3 = await S3InMemory.open({ profile: 'aws' })
  assert.equal((await s3.ask('PUT', '/bucket')).status, 200)
  const bucket = s3.engine.bucket('bucket')
  for (const name of names) {
    // Keys, query names and headers.
    assert.equal((await s3.ask('PUT', `/bucket/${name}`, { body: name })).status, 200, name)
    assert.equal((await s3.ask('GET', `/bucket/${name}?${name}=1`, { headers: { [name]: '1' } })).text, name)
    assert.deepEqual(texts((await s3.ask('GET', `/bucket?prefix=${name}`)).text, 'Key'), [name])
    assert.equal((await s3.ask('GET', `/bucket?${name}`)).status, 200)
    assert.equal((await s3.ask(name.toUpperCase(), '/bucket')).status, 405)

    // Metadata, tags by header, tags by document.
    const headers = { [`x-amz-meta-${name}`]: 'value', 'x-amz-tagging': `${name}=value` }
    assert.equal((await s3.ask('PUT', '/bucket/key', { headers, body: 'body' })).status, 200, name)
    const info = await bucket.head('key')
    assert.deepEqual(Object.entries(info.metadata), [[name.toLowerCase(), 'value']])
    assert.deepEqual(Object.entries(await bucket.getTags('key')), [[name, 'value']])
    const document = `<Tagging><TagSet><Tag><Key>${name}</Key><Value>other</Value></Tag></TagSet></Tagging>`
    assert.equal((await s3.ask('PUT', '/bucket/key?tagging', { body: document })).status, 200)
    assert.deepEqual(Object.entries(await bucket.getTags('key')), [[name, 'other']])
    assert.equal((await s3.ask('PUT', '/bucket?tagging', { body: document })).status, 204)
    assert.deepEqual(texts((await s3.ask('GET', '/bucket?tagging')).text, 'Key'), [name])

    // Where only known words are taken.
    for (const [method, url, header] of [
      ['PUT', '/bucket/key', 'x-amz-storage-class'],
      ['PUT', '/bucket/key', 'x-amz-acl'],
      ['PUT', '/bucket/key', 'x-amz-sdk-checksum-algorithm'],
      ['PUT', '/bucket/key', 'x-amz-object-lock-mode'],
      ['POST', '/bucket/key?uploads', 'x-amz-checksum-algorithm'],
      ['GET', '/bucket/key?attributes', 'x-amz-object-attributes'],
    ] as const) {
      const answer = await s3.ask(method, url, {
        headers: { [header]: name },
        ...(method === 'PUT' ? { body: '' } : {}),
      })
      assert.equal(answer.status, 400, `${header}: ${name}: ${answer.text}`)
    }
    for (const [url, body] of [
      ['/bucket?versioning', `<VersioningConfiguration><Status>${name}</Status></VersioningConfiguration>`],
      ['/bucket?versioning', `<${name}/>`],
      ['/bucket?tagging', `<Tagging><${name}/></Tagging>`],
      ['/bucket/key?tagging', `<${name}><TagSet/></${name}>`],
    ] as const)
      assert.equal((await s3.ask('PUT', url, { body })).code, 'MalformedXML', body)
  }
  assert.equal(JSON.stringify(Object.getOwnPropertyNames(Object.prototype)), nature)
  assert.equal(({} as Record<string, unknown>)['value'], undefined)
})
