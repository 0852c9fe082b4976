import assert from 'node:assert/strict'
import test from 'node:test'
import fc from 'fast-check'
import { S3Error } from '../s3-error.js'
import { canonicalQuery } from './canonical-request.js'
import { readTarget } from './request-target.js'

test('a path is decoded once and encoded once, without losing dots or slashes', () => {
  const cases: [string, string][] = [
    ['', '/'],
    ['/', '/'],
    ['/a//b/./../c', '/a//b/./../c'],
    ['/a%2Fb%2fc', '/a/b/c'],
    ['/a+b c', '/a%2Bb%20c'],
    ['/%41%7e~', '/A~~'],
    ["/!'()*", '/%21%27%28%29%2A'],
    ['/%25', '/%25'],
    ['/%2525', '/%2525'],
    ['/%c3%bc', '/%C3%BC'],
    // A client that sent the bytes as they are: one character a byte.
    ['/\xc3\xbc', '/%C3%BC'],
    ['http://host/a?x', '/a'],
    ['HTTPS://host', '/'],
  ]
  for (const [sent, canonical] of cases) assert.equal(readTarget(sent).canonicalPath, canonical, sent)
})

test('a query is sorted by encoded name and value, and names without a value get one', () => {
  const cases: [string, string][] = [
    ['/?', ''],
    ['/?acl', 'acl='],
    ['/?&&acl=&', 'acl='],
    ['/?b=2&a=1', 'a=1&b=2'],
    ['/?a=2&a=1&a', 'a=&a=1&a=2'],
    // By name first: as whole pairs they would be ordered the other way, since "-" is before "=".
    ['/?a-b=1&a=2', 'a=2&a-b=1'],
    ['/?prefix=a+b', 'prefix=a%20b'],
    ['/?prefix=a%2Bb', 'prefix=a%2Bb'],
    ['/?prefix=a/b', 'prefix=a%2Fb'],
    ['/?a=b=c', 'a=b%3Dc'],
    ['/?%61=1', 'a=1'],
    ['/?X-Amz-Signature=1&a', 'a='],
    ['/?x-amz-signature=1', 'x-amz-signature=1'],
    ['/?a?b', 'a%3Fb='],
  ]
  for (const [sent, canonical] of cases)
    assert.equal(canonicalQuery(readTarget(sent).parameters), canonical, sent)
})

test('a percent sign without two hex digits is InvalidURI, in path and query alike', () => {
  for (const sent of ['/%', '/%4', '/%zz', '/%%41', '/?a=%', '/?%=1', '/\u0100', '/?a=\u20ac'])
    assert.throws(
      () => readTarget(sent),
      new S3Error('InvalidURI', "Couldn't parse the specified URI."),
      sent,
    )
})

test('what encodeURIComponent makes of a name is what is signed for it', () => {
  const spelled = (text: string): string =>
    encodeURIComponent(text).replace(
      /[!'()*]/g,
      (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`,
    )
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme' }), (name) => {
      assert.equal(
        readTarget(`/${encodeURIComponent(name)}`).canonicalPath,
        `/${spelled(name).replaceAll('%2F', '/')}`,
      )
      const [parameter] = readTarget(`/?k=${encodeURIComponent(name)}`).parameters
      assert.equal(parameter!.encodedValue, spelled(name))
      assert.equal(Buffer.from(parameter!.value, 'latin1').toString('utf8'), name)
    }),
  )
})
