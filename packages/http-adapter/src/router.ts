import type { Address, Level } from './address.js'
import { BUCKET_SESSIONS } from './auth/find-claim.js'
import { type OperationName, operations } from './operations.js'
import { type HeaderCondition, holds, type Row } from './route.js'
import { invalidArgument, S3Error } from './s3-error.js'

export interface Routed {
  readonly name: OperationName
  readonly row: Row
}

type HeaderView = ReadonlyMap<string, string>

/** By level, then sub-resource, then method; the row with most conditions first. */
const table = new Map<Level, Map<string, Map<string, Routed[]>>>([
  ['service', new Map()],
  ['bucket', new Map()],
  ['object', new Map()],
])
/** Every query name that makes a request another operation. All others only modify, or mean nothing. */
const subResources = new Set<string>()

for (const [name, row] of Object.entries(operations)) {
  if ('sameWireAs' in row) continue
  const bySubResource = table.get(row.level)!
  const byMethod = bySubResource.get(row.subResource) ?? new Map<string, Routed[]>()
  bySubResource.set(row.subResource, byMethod)
  const rows = byMethod.get(row.method) ?? []
  byMethod.set(row.method, rows)
  rows.push({ name: name as OperationName, row })
  rows.sort((a, b) => conditions(b.row) - conditions(a.row))
  if (row.subResource !== '') subResources.add(row.subResource)
}

function conditions(row: Row): number {
  return row.headers.length + row.others.length
}

/**
 * Finds the one operation a request asks for. A sub-resource that S3 knows never falls through to the plain
 * operation: what has no row for it is refused.
 *
 * @throws {@link S3Error} `InvalidArgument`, `InvalidRequest`, `MethodNotAllowed`
 */
export function route(method: string, address: Address, headers: HeaderView, service?: string): Routed {
  const subResource = findSubResource(address)
  checkCopySource(method, subResource, headers)
  checkPartNumber(method, subResource, address)
  const level = effectiveLevel(method, address.level, subResource)
  const byMethod = table.get(level)!.get(subResource)
  if (byMethod === undefined) throw noSuchLevel(method, address.level, subResource)
  const rows = byMethod.get(method)
  if (rows === undefined)
    throw asksForHealing(method, address)
      ? healNotImplemented()
      : methodNotAllowed(method, level, subResource, [...byMethod.keys()])
  const found = rows.find(
    ({ row }) =>
      row.others.every((name) => address.query.has(name)) &&
      row.headers.every((condition) => holds(condition, headers) || isControl(condition, service)),
  )
  // Rows that differ by a query name alone (`?inventory&id`): without it the request is still of their family.
  return found ?? rows.at(-1)!
}

/** What is asked of the control host of directory buckets: whoever was given another endpoint still signs for its service. */
const isControl = ({ name }: HeaderCondition, service: string | undefined): boolean =>
  name === 'host' && service === BUCKET_SESSIONS

function findSubResource({ query }: Address): string {
  let found = ''
  for (const name of query.names()) {
    if (!subResources.has(name)) continue
    if (found !== '')
      throw new S3Error('InvalidArgument', `Conflicting query string parameters: ${found}, ${name}`, {
        ArgumentName: 'ResourceType',
        ArgumentValue: found,
      })
    found = name
  }
  return found
}

/** A bucket's sub-resource on the path of a key is the bucket's (measured on AWS, September 2026). */
function effectiveLevel(method: string, level: Level, subResource: string): Level {
  if (level !== 'object' || table.get('object')!.has(subResource) || !table.get('bucket')!.has(subResource))
    return level
  if (method === 'GET' && subResource === 'versions') throw keyNotExpected(method, subResource)
  return 'bucket'
}

function checkCopySource(method: string, subResource: string, headers: HeaderView): void {
  if (method === 'PUT' || !headers.has('x-amz-copy-source')) return
  if (method === 'POST' && subResource !== 'uploadId' && subResource !== 'uploads') return
  throw invalidArgument(
    'You can only specify a copy source header for copy requests.',
    'x-amz-copy-source',
    headers.get('x-amz-copy-source'),
  )
}

function checkPartNumber(method: string, subResource: string, { level, query }: Address): void {
  if (method === 'GET' && level === 'object' && subResource === 'uploads')
    throw keyNotExpected(method, subResource)
  if (method !== 'PUT' || level !== 'object') return
  const partNumber = query.get('partNumber')
  if (partNumber !== undefined && subResource !== 'uploadId')
    throw invalidArgument(
      'This operation does not accept partNumber without uploadId',
      'partNumber',
      partNumber,
    )
  if (partNumber === undefined && subResource === 'uploadId')
    throw invalidArgument(
      'This operation does not accept uploadId without partNumber',
      'partNumber',
      undefined,
    )
}

/** As AIStor's administration is asked to; S3 posts to no key so. */
const asksForHealing = (method: string, { bucket, key }: Address): boolean =>
  method === 'POST' && bucket === 'minio' && /^admin\/v\d+\/heal(?:\/|$)/.test(key)

const healNotImplemented = (): S3Error =>
  new S3Error(
    'XMinioHealNotImplemented',
    'There is nothing to heal from: every object is kept once. Use "aquifer verify" to find damage.',
  )

const keyNotExpected = (method: string, subResource: string): S3Error =>
  new S3Error('InvalidRequest', `Key is not expected for the ${method} method ?${subResource} subresource`)

/** No operation at this level has the sub-resource: it belongs to objects, or to a bucket. */
function noSuchLevel(method: string, level: Level, subResource: string): S3Error {
  const ofObjects = table.get('object')!.get(subResource)
  const methods = ofObjects ?? table.get('bucket')!.get(subResource)
  if (method === 'HEAD') return methodNotAllowed(method, level, subResource, [...(methods?.keys() ?? [])])
  const missing = ofObjects === undefined ? 'Bucket' : 'Key'
  return new S3Error(
    'InvalidRequest',
    `${missing} is expected for the ${method} method ?${subResource} subresource`,
  )
}

function methodNotAllowed(
  method: string,
  level: Level,
  subResource: string,
  allowed: readonly string[],
): S3Error {
  const methods = allowed.join(', ')
  return new S3Error(
    'MethodNotAllowed',
    'The specified method is not allowed against this resource.',
    { Method: method, ResourceType: (subResource || level).toUpperCase(), AllowedMethods: methods },
    { allow: methods },
  )
}
