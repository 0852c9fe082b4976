import { isUtf8 } from 'node:buffer'
import { trimBlanks } from '../auth/request-headers.js'
import type { EnclosedPut } from '../enclosed-put.js'
import { limits } from '../limits.js'
import { S3Error } from '../s3-error.js'

/** What the body of a request that brings many versions is called. */
export const REPLICA_LIST = 'application/vnd.aquifer.replicas'

/** Of the head and of the bytes, each 32 bits, the highest first. */
const LENGTHS_BYTES = 8

/**
 * Versions of another store as one request brings them: of each its head as JSON, and its bytes, behind the lengths of the
 * two. What cannot be read as such refuses them all; what a PUT would be refused for is not looked at here.
 *
 * @throws {@link S3Error} `InvalidRequest`
 */
export function readReplicaList(body: Uint8Array): EnclosedPut[] {
  const list = Buffer.from(body.buffer, body.byteOffset, body.byteLength)
  const puts: EnclosedPut[] = []
  let headersCount = 0
  for (let at = 0; at < list.byteLength; ) {
    if (puts.length === limits.replicasMax) throw malformed(`it has more than ${limits.replicasMax} entries`)
    if (list.byteLength - at < LENGTHS_BYTES) throw malformed('it ends within the lengths of an entry')
    const headAt = at + LENGTHS_BYTES
    const headBytes = list.readUInt32BE(at)
    const bytesAt = headAt + headBytes
    const end = bytesAt + list.readUInt32BE(at + 4)
    if (end > list.byteLength) throw malformed('an entry is longer than what is left of the body')
    if (headBytes > limits.replicaHeadMaxBytes)
      throw malformed(`the head of an entry has more than ${limits.replicaHeadMaxBytes} bytes`)
    const head = readHead(list.subarray(headAt, bytesAt))
    headersCount += head.headers.size
    if (headersCount > limits.replicasHeadersMax)
      throw malformed(`it has more than ${limits.replicasHeadersMax} headers`)
    puts.push({ ...head, bytes: list.subarray(bytesAt, end) })
    at = end
  }
  if (puts.length === 0) throw malformed('it has no entries')
  return puts
}

function readHead(head: Buffer): Omit<EnclosedPut, 'bytes'> {
  const value = parse(head)
  if (!isObject(value) || Object.keys(value).length !== 3)
    throw malformed('the head of an entry has "key", "versionId" and "headers", and nothing else')
  const { key, versionId, headers } = value
  if (!isText(key) || key === '') throw malformed('"key" is a text that is not empty')
  if (!isText(versionId)) throw malformed('"versionId" is a text')
  return { key, versionId, headers: readHeaders(headers) }
}

function parse(head: Buffer): unknown {
  if (!isUtf8(head)) throw malformed('the head of an entry is not UTF-8')
  try {
    return JSON.parse(head.toString())
  } catch {
    throw malformed('the head of an entry is not JSON')
  }
}

function readHeaders(value: unknown): Map<string, string> {
  if (!isObject(value)) throw malformed('"headers" is an object of texts')
  const headers = new Map<string, string>()
  for (const [name, text] of Object.entries(value)) {
    if (!NAME.test(name)) throw malformed(`${JSON.stringify(name)} is no name of a header in lower case`)
    if (typeof text !== 'string' || !VALUE.test(text))
      throw malformed(`the header ${name} is a text of one line, a character a byte`)
    headers.set(name, trimBlanks(text))
  }
  return headers
}

const NAME = /^[!#$%&'*+\-.^_`|~0-9a-z]+$/
const VALUE = /^[\t\x20-\x7e\x80-\xff]*$/

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** JSON can write half of a character, which no URL can hold. */
const isText = (value: unknown): value is string => typeof value === 'string' && !/\p{Surrogate}/u.test(value)

const malformed = (why: string): S3Error =>
  new S3Error('InvalidRequest', `The list of versions cannot be taken: ${why}.`)
