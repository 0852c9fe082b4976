import type { AddressSettings } from '../address.js'
import { compareVersion2Strings } from './compare-canonical-requests.js'
import type { Origin } from './origins.js'
import type { QueryParameter, RequestTarget } from './request-target.js'
import type { Signing, Texts } from './signing.js'
import { signVersion2 } from './verify-version-2.js'
import { VERSION_2_PARAMETERS, type Version2Claim } from './version-2-claim.js'
import { type Version2Parts, version2Readings, version2String } from './version-2-string.js'

const textsOf = (text: string): Texts => ({ canonicalRequest: text, stringToSign: text })

/** @throws {@link S3Error} `InvalidArgument` for a request that cannot be signed so. */
export function signingByVersion2(
  method: string,
  target: RequestTarget,
  claim: Version2Claim,
  origins: readonly Origin[],
  naming: AddressSettings,
  secretAccessKey: string,
): Signing {
  const all = [...version2Readings(method, target, claim, origins, naming)]
  const [likeliest, ...others] = all.map(({ parts }) => textsOf(version2String(parts)))
  return {
    readings: [likeliest!, ...others],
    textsOf,
    sign: (text) => signVersion2(secretAccessKey, text),
    *hypotheses() {
      for (const { origin, parts } of all) {
        for (const [because, changed] of hypotheses(parts, origin, target, claim))
          yield { because, texts: textsOf(version2String({ ...parts, ...changed })) }
      }
    },
    compare: compareVersion2Strings,
  }
}

type Hypothesis = readonly [because: string, changed: Partial<Version2Parts>]

/** Each departs from what was received in one way. */
function* hypotheses(
  { resource }: Version2Parts,
  { host }: Origin,
  target: RequestTarget,
  { headers }: Version2Claim,
): Generator<Hypothesis> {
  for (const method of ['GET', 'HEAD', 'PUT', 'POST', 'DELETE'])
    yield [`the client signed the method ${method}`, { method }]
  for (const contentType of CONTENT_TYPES)
    yield [
      `the client signed content-type: ${contentType === '' ? 'as empty' : `"${contentType}"`}, and sent another`,
      { contentType },
    ]
  yield ['the client did not sign the Content-MD5 that arrived', { contentMd5: '' }]
  yield ['the client signed no date, as if it had sent x-amz-date', { dateLine: '' }]
  yield [
    'the client signed Date, though x-amz-date stands in for it',
    { dateLine: headers.get('date') ?? '' },
  ]
  const [path = '', query] = resource.split('?', 2)
  const [label = ''] = host.split('.', 1)
  const withQuery = (other: string): string => (query === undefined ? other : `${other}?${query}`)
  yield [
    `the client addressed the bucket "${label}" by the host's name: name the rest of the host as a domain of the server`,
    { resource: `/${label}${resource}` },
  ]
  yield [
    'the client signed the path without the bucket',
    { resource: withQuery(path.replace(/^\/[^/]*/, '') || '/') },
  ]
  yield [
    'the client signed the path with, or without, a slash at its end',
    { resource: withQuery(path.endsWith('/') ? path.slice(0, -1) : `${path}/`) },
  ]
  yield [
    'the client signed the path without encoding it',
    {
      resource: withQuery(
        path.replace(/%([0-9a-fA-F]{2})/g, (_, hex) => String.fromCharCode(Number.parseInt(hex, 16))),
      ),
    },
  ]
  yield ['the client did not sign the query', { resource: path }]
  yield ['the client signed all of the query', { resource: path + wholeQuery(target.parameters) }]
}

const CONTENT_TYPES = [
  ...['', 'application/octet-stream', 'binary/octet-stream', 'application/xml', 'text/plain'],
  ...['application/x-www-form-urlencoded', 'application/x-www-form-urlencoded; charset=utf-8'],
]

function wholeQuery(parameters: readonly QueryParameter[]): string {
  const asking = parameters.filter(({ name }) => !VERSION_2_PARAMETERS.has(name))
  const texts = asking.map(({ name, value }) => (value === '' ? name : `${name}=${value}`))
  return texts.length === 0 ? '' : `?${texts.sort().join('&')}`
}
