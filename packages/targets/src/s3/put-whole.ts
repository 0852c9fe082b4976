import type { Carried } from '@aquifer/engine'
import { isHeld } from './plan-parts.js'
import { contentMd5, type StreamedBody } from './s3-connection.js'
import { checksumHeaders, findChecksum, md5Headers } from './version-headers.js'
import type { Transfer } from './wire.js'

/** A version with its bytes in one request. */
export async function putWhole({ bucket, wire, version, signal }: Transfer): Promise<Carried> {
  const { key, info } = version
  const { query, headers } = await wire.writing(version, signal)
  const digests = {
    ...md5Headers(info.etag),
    ...checksumHeaders(findChecksum(info.checksums, wire)),
  }
  const stream: StreamedBody = { sizeBytes: info.sizeBytes, open: () => version.open() }
  const body = isHeld(info) ? await held(stream) : stream
  // A locked version is taken with a digest alone.
  const needsDigest = Object.keys(digests).length === 0 && body instanceof Uint8Array
  const answer = await bucket.ask(
    {
      ...{ method: 'PUT', key, query, signal, body },
      headers: { ...headers, ...(needsDigest ? contentMd5(body) : digests) },
    },
    wire.doneBy,
  )
  return wire.carried(version, answer)
}

async function held({ sizeBytes, open }: StreamedBody): Promise<Uint8Array> {
  const bytes = new Uint8Array(sizeBytes)
  let at = 0
  for await (const chunk of open()) {
    if (at + chunk.byteLength > sizeBytes) throw otherwiseLong(sizeBytes)
    bytes.set(chunk, at)
    at += chunk.byteLength
  }
  if (at !== sizeBytes) throw otherwiseLong(sizeBytes)
  return bytes
}

const otherwiseLong = (sizeBytes: number): Error =>
  new Error(`What was to be sent has not the ${sizeBytes} bytes that it is said to have.`)
