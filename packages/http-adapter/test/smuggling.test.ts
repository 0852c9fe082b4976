import assert from 'node:assert/strict'
import test from 'node:test'
import { createNodeServer, type S3Handler } from '@aquifer/http-adapter'
import { listening, RawClient } from './raw-client.js'
import { S3InMemory } from './s3-in-memory.js'

const smuggled = 'GET /smuggled HTTP/1.1\r\nHost: x\r\n\r\n'
const chunks = '5\r\nhello\r\n0\r\n\r\n'

/** A request with these lines in its head, and with these bytes behind it. */
const put = (lines: string, behind = 'hello'): string =>
  `PUT /bucket/key HTTP/1.1\r\nHost: x\r\n${lines}\r\n\r\n${behind}${smuggled}`
const chunked = (behind: string): string => put('Transfer-Encoding: chunked', behind)
/** The whole request, written out. */
const raw = (head: string): string => `${head}\r\n\r\n${smuggled}`

/** What two readers of the same bytes might take for different requests, or for requests to different hosts. */
const inputs: Readonly<Record<string, string>> = {
  'both lengths': put('Content-Length: 5\r\nTransfer-Encoding: chunked', '0\r\n\r\n'),
  'both lengths, the other way round': put('Transfer-Encoding: chunked\r\nContent-Length: 5', '0\r\n\r\n'),
  'two lengths that differ': put('Content-Length: 5\r\nContent-Length: 0'),
  'two lengths that agree': put('Content-Length: 5\r\nContent-Length: 5'),
  'a list of lengths': put('Content-Length: 5, 5'),
  'a length with a sign': put('Content-Length: +5'),
  'a negative length': put('Content-Length: -5'),
  'a hexadecimal length': put('Content-Length: 0x5'),
  'a length with a fraction': put('Content-Length: 5.0'),
  'a length with an exponent': put('Content-Length: 1e1'),
  'an empty length': put('Content-Length: '),
  'a length in two words': put('Content-Length: 5 5'),
  'a length and a vertical tab': put('Content-Length: 5\x0b'),
  'a length beyond 64 bits': put('Content-Length: 18446744073709551621'),
  'a length with a space before its colon': put('Content-Length : 5'),
  'a coding that is no coding': put('Transfer-Encoding: identity', chunks),
  'a coding of another name': put('Transfer-Encoding: xchunked', chunks),
  'a coding behind chunked': put('Transfer-Encoding: chunked, identity', chunks),
  'a coding before chunked': put('Transfer-Encoding: gzip, chunked', chunks),
  'chunked twice': put('Transfer-Encoding: chunked, chunked', chunks),
  'two codings, chunked first': put('Transfer-Encoding: chunked\r\nTransfer-Encoding: identity', chunks),
  'two codings, chunked last': put('Transfer-Encoding: identity\r\nTransfer-Encoding: chunked', chunks),
  'a coding and a vertical tab before it': put('Transfer-Encoding: \x0bchunked', chunks),
  'a coding and a vertical tab behind it': put('Transfer-Encoding: chunked\x0b', chunks),
  'a quoted coding': put('Transfer-Encoding: "chunked"', chunks),
  'a coding with a parameter': put('Transfer-Encoding: chunked;a=b', chunks),
  'an empty coding': put('Transfer-Encoding: ', chunks),
  'a coding with a space before its colon': put('Transfer-Encoding : chunked', chunks),
  'a folded header': put('X-A: b\r\n c\r\nContent-Length: 5'),
  'a header folded by a tab': put('X-A: b\r\n\tc\r\nContent-Length: 5'),
  'a folded coding': put('Transfer-Encoding:\r\n chunked', chunks),
  'a space before the first header': raw('GET /bucket/key HTTP/1.1\r\n Host: x'),
  'a bare line feed behind a header': raw('GET /bucket/key HTTP/1.1\r\nHost: x\nX-A: b'),
  'a bare line feed behind the request line': raw('GET /bucket/key HTTP/1.1\nHost: x'),
  'a bare line feed at the end of the head': `GET /bucket/key HTTP/1.1\r\nHost: x\n\n${smuggled}`,
  'a bare carriage return in a value': put('X-A: a\rTransfer-Encoding: chunked\r\nContent-Length: 5'),
  'a bare carriage return behind a header': raw('GET /bucket/key HTTP/1.1\r\nHost: x\rX-A: b'),
  'a NUL in a value': put('X-A: a\0b\r\nContent-Length: 5'),
  'a NUL in a name': put('X\0A: b\r\nContent-Length: 5'),
  'a space in a name': put('X A: b\r\nContent-Length: 5'),
  'a header without a colon': put('XA\r\nContent-Length: 5'),
  'a header without a name': put(': b\r\nContent-Length: 5'),
  'no host': raw('GET /bucket/key HTTP/1.1\r\nX-A: b'),
  'two hosts': raw('GET /bucket/key HTTP/1.1\r\nHost: x\r\nHost: y'),
  'the same host twice': raw('GET /bucket/key HTTP/1.1\r\nHost: x\r\nHost: x'),
  'a list of hosts': raw('GET /bucket/key HTTP/1.1\r\nHost: x, y'),
  'an empty host': raw('GET /bucket/key HTTP/1.1\r\nHost: '),
  'a host with a space': raw('GET /bucket/key HTTP/1.1\r\nHost: x y'),
  'a host with a path': raw('GET /bucket/key HTTP/1.1\r\nHost: x/y'),
  'a host with a user': raw('GET /bucket/key HTTP/1.1\r\nHost: a@x'),
  'a URL of another host': raw('GET http://y/bucket/key HTTP/1.1\r\nHost: x'),
  'a fragment': raw('GET /bucket/key#fragment HTTP/1.1\r\nHost: x'),
  'a space in the URL': raw('GET /bucket/a key HTTP/1.1\r\nHost: x'),
  'a NUL in the URL': raw('GET /bucket/\0key HTTP/1.1\r\nHost: x'),
  'bytes beyond ASCII in the URL': raw('GET /bucket/\xffkey HTTP/1.1\r\nHost: x'),
  'a path without a slash': raw('GET bucket/key HTTP/1.1\r\nHost: x'),
  'no URL': raw('GET HTTP/1.1\r\nHost: x'),
  'a tab in the request line': raw('GET\t/bucket/key HTTP/1.1\r\nHost: x'),
  'a space behind the version': raw('GET /bucket/key HTTP/1.1 \r\nHost: x'),
  'a space before the method': raw(' GET /bucket/key HTTP/1.1\r\nHost: x'),
  'a method in lower case': raw('get /bucket/key HTTP/1.1\r\nHost: x'),
  'a method that nobody knows': raw('FROB /bucket/key HTTP/1.1\r\nHost: x'),
  'HTTP/0.9': 'GET /bucket/key\r\n\r\n',
  'HTTP/0.9 by name': raw('GET /bucket/key HTTP/0.9\r\nHost: x'),
  'HTTP/1.2': raw('GET /bucket/key HTTP/1.2\r\nHost: x'),
  'HTTP/1.10': raw('GET /bucket/key HTTP/1.10\r\nHost: x'),
  'the beginning of HTTP/2': 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n',
  'the version in lower case': raw('GET /bucket/key http/1.1\r\nHost: x'),
  'a coding in HTTP/1.0': `PUT /bucket/key HTTP/1.0\r\nHost: x\r\nConnection: keep-alive\r\nTransfer-Encoding: chunked\r\n\r\n${chunks}${smuggled}`,
  'a negative chunk': chunked('-1\r\nhello\r\n0\r\n\r\n'),
  'a chunk with a sign': chunked('+5\r\nhello\r\n0\r\n\r\n'),
  'a chunk with a prefix': chunked('0x5\r\nhello\r\n0\r\n\r\n'),
  'a space before a chunk’s size': chunked(' 5\r\nhello\r\n0\r\n\r\n'),
  'a space behind a chunk’s size': chunked('5 \r\nhello\r\n0\r\n\r\n'),
  'a chunk beyond 64 bits': chunked('10000000000000005\r\nhello\r\n0\r\n\r\n'),
  'a chunk without a size': chunked('\r\nhello\r\n0\r\n\r\n'),
  'a chunk that is longer than it says': chunked('5\r\nhello0\r\n\r\n'),
  'a bare line feed behind a chunk’s size': chunked('5\nhello\r\n0\r\n\r\n'),
  'a bare line feed behind a chunk': chunked('5\r\nhello\n0\r\n\r\n'),
  'a bare line feed behind the last chunk': chunked('5\r\nhello\r\n0\n\n'),
  'a bare line feed in a chunk’s extension': chunked('5;a\nb\r\nhello\r\n0\r\n\r\n'),
  'a bare carriage return in a chunk’s extension': chunked('5;a\rb\r\nhello\r\n0\r\n\r\n'),
  'a length among the trailers': chunked('5\r\nhello\r\n0\r\nContent-Length: 5\r\n\r\n'),
  'a coding among the trailers': chunked('5\r\nhello\r\n0\r\nTransfer-Encoding: chunked\r\n\r\n'),
}

test('what could be read as another request is refused, and nothing behind it on the connection is one', async () => {
  assert.ok(Object.keys(inputs).length > 32)
  const done: string[] = []
  const handler: S3Handler = async ({ method, rawUrl, body }) => {
    for await (const _ of body);
    done.push(`${method} ${rawUrl}`)
    return { status: 200, headers: { 'content-length': '0' } }
  }
  await using server = await listening(createNodeServer(handler))
  for (const [name, input] of Object.entries(inputs)) {
    await using client = await RawClient.connect(server)
    client.say(input)
    const heard = await client.hearAll()
    assert.match(heard, /^HTTP\/1\.1 (?:400|501) /, name)
    assert.match(heard, /\r\nconnection: close\r\n/i, name)
    assert.match(heard, /<Error><Code>\w+<\/Code>/, name)
    assert.equal(heard.split('HTTP/1.1 ').length, 2, `${name}: one answer`)
    assert.deepEqual(done, [], name)
  }
})

test('a request to tunnel is not answered at all', async () => {
  await using server = await listening(createNodeServer(async () => ({ status: 200, headers: {} })))
  await using client = await RawClient.connect(server)
  client.say(`CONNECT x:80 HTTP/1.1\r\nHost: x\r\n\r\n${smuggled}`)
  assert.equal(await client.hearAll(), '')
})

test('what is merely unusual is served', async () => {
  await using s3 = await S3InMemory.open()
  await s3.engine.createBucket('bucket')
  await using server = await listening(createNodeServer(s3.handler))
  const unusual = {
    'a length with a nought': 'PUT /bucket/key HTTP/1.1\r\nHost: x\r\nContent-Length: 05\r\n\r\nhello',
    'a length behind a tab': 'PUT /bucket/key HTTP/1.1\r\nHost: x\r\nContent-Length:\t5\r\n\r\nhello',
    'an empty line before the request': '\r\nHEAD /bucket HTTP/1.1\r\nHost: x\r\n\r\n',
    'an IPv6 host': 'HEAD /bucket HTTP/1.1\r\nHost: [::1]:9000\r\n\r\n',
    'a host with an underscore': 'HEAD /bucket HTTP/1.1\r\nHost: object_store:9000\r\n\r\n',
    'a whole URL': 'HEAD http://X:9000/bucket HTTP/1.1\r\nHost: x:9000\r\n\r\n',
    'HTTP/1.0 without a host': 'HEAD /bucket HTTP/1.0\r\n\r\n',
  }
  for (const [name, input] of Object.entries(unusual)) {
    await using client = await RawClient.connect(server)
    client.say(input)
    assert.match(await client.hear('\r\n\r\n'), /^HTTP\/1\.1 200 /, name)
  }
})
