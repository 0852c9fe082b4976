import { S3Error } from './s3-error.js'
import { decodePercent } from './wire/percent.js'
import { Query } from './wire/query.js'

export type Level = 'service' | 'bucket' | 'object'

/** What a URL names. Keys are taken literally: `a//b`, `a/./b` and `/a` are distinct, and nothing is normalised. */
export interface Address {
  readonly level: Level
  /** Empty at the service level. */
  readonly bucket: string
  /** Empty above the object level, unless a form names one. */
  readonly key: string
  readonly query: Query
  readonly host: string
}

export interface AddressSettings {
  /** A host that ends in `.` and one of these carries the bucket before it; any other host is path style. */
  readonly domains: readonly string[]
  /** `''` or a path such as `/storage` under which everything lies. */
  readonly basePath: string
}

/** @throws {@link S3Error} `InvalidURI`, `InvalidBucketName`. */
export function readAddress(rawUrl: string, host: string | undefined, settings: AddressSettings): Address {
  const target = withoutOrigin(rawUrl)
  const mark = target.indexOf('?')
  const path = withoutBase(mark === -1 ? target : target.slice(0, mark), settings.basePath)
  const query = Query.parse(mark === -1 ? '' : target.slice(mark + 1))
  const hostName = nameOf(host ?? '')
  const hostBucket = findHostBucket(hostName, settings.domains)
  if (hostBucket !== undefined) return address(hostBucket, decodePercent(path.slice(1)), query, hostName)
  if (path === '/') return { level: 'service', bucket: '', key: '', query, host: hostName }
  const slash = path.indexOf('/', 1)
  const bucket = decodePercent(slash === -1 ? path.slice(1) : path.slice(1, slash))
  if (bucket === '')
    throw new S3Error('InvalidBucketName', 'The specified bucket is not valid.', { BucketName: '' })
  return address(bucket, slash === -1 ? '' : decodePercent(path.slice(slash + 1)), query, hostName)
}

/** @throws {@link S3Error} `InvalidURI` */
export function address(bucket: string, key: string, query: Query, host: string): Address {
  if (key.includes('\0') || bucket.includes('\0'))
    throw new S3Error('InvalidURI', 'A name must not hold the character NUL.')
  return { level: key === '' ? 'bucket' : 'object', bucket, key, query, host }
}

/** A request line may hold a whole URL (as sent to proxies). */
function withoutOrigin(rawUrl: string): string {
  if (rawUrl.startsWith('/')) return rawUrl
  const origin = /^https?:\/\/[^/?]*/i.exec(rawUrl)
  if (origin === null) throw new S3Error('InvalidURI', "Couldn't parse the specified URI.")
  const rest = rawUrl.slice(origin[0].length)
  return rest.startsWith('/') ? rest : `/${rest}`
}

function withoutBase(path: string, basePath: string): string {
  if (basePath === '') return path
  if (path === basePath) return '/'
  if (!path.startsWith(`${basePath}/`))
    throw new S3Error('InvalidURI', `There is nothing outside ${basePath} here.`)
  return path.slice(basePath.length)
}

const nameOf = (host: string): string => host.replace(/:\d*$/, '').toLowerCase()

/** The bucket that a host names, in lower case; `undefined` when the path names it. */
export function findHostBucket(host: string, domains: readonly string[]): string | undefined {
  const name = nameOf(host)
  const domain = domains.find((domain) => name.endsWith(`.${domain}`) && name.length > domain.length + 1)
  return domain === undefined ? undefined : name.slice(0, -domain.length - 1)
}
