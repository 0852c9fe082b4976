import { type Integrity, verifyIntegrity } from '@aquifer/engine'
import type { OpenedPayload } from '../auth/authenticate.js'
import { limits } from '../limits.js'
import type { Call } from '../operation.js'
import { S3Error } from '../s3-error.js'
import { readIntegrity } from './integrity.js'
import { readBytes, tooLong } from './read-bytes.js'
import { parseXml, type XmlElement } from './xml-in.js'

interface SmallBodyOptions {
  readonly maxBytes?: number
  /** Where the checksum headers speak of an object that the document is about, they say nothing of the document. */
  readonly checksumsOf?: 'body' | 'object'
}

/**
 * Reads a whole body that must fit in memory, and verifies the digests sent with it.
 *
 * @throws {@link S3Error} `MaxMessageLengthExceeded`, `InvalidRequest`
 * @throws {@link EngineError} `BadDigest`, `InvalidDigest`, `IncompleteBody`
 */
export async function readSmallBody(call: Call, options: SmallBodyOptions = {}): Promise<Uint8Array> {
  const { maxBytes = limits.xmlMaxBytes, checksumsOf = 'body' } = options
  if ((call.payload.sizeBytes ?? 0) > maxBytes) throw tooLong(maxBytes)
  const opened = call.payload.open()
  const integrity =
    checksumsOf === 'body'
      ? readIntegrity(call.headers, opened, call.payload.trailerName)
      : lengthAndMd5(call, opened)
  const body = await readBytes(opened.body, maxBytes)
  await verifyIntegrity(body, integrity)
  return body
}

/** @throws {@link S3Error} `MissingContentLength`, `MalformedXML`, and what {@link readSmallBody} throws. */
export async function readXmlBody(
  call: Call,
  root: string | readonly string[],
  options?: SmallBodyOptions,
): Promise<XmlElement> {
  if (call.payload.sizeBytes === undefined && !call.headers.has('transfer-encoding'))
    throw new S3Error('MissingContentLength', 'You must provide the Content-Length HTTP header.')
  return parseXml(await readSmallBody(call, options), root)
}

function lengthAndMd5({ headers }: Call, { sizeBytes }: OpenedPayload): Integrity {
  const contentMd5 = headers.get('content-md5')
  return {
    ...(sizeBytes === undefined ? {} : { sizeBytes }),
    ...(contentMd5 === undefined ? {} : { contentMd5 }),
  }
}
