import type { Carried } from '@aquifer/engine'
import type { GatheredPuts } from './gathered-puts.js'
import { isHeld } from './plan-parts.js'
import { contentMd5, type StreamedBody } from './s3-connection.js'
import { checksumHeaders, findChecksum, md5Headers } from './version-headers.js'
import type { Transfer } from './wire.js'

/** A version with its bytes in one request; a small one together with others, where there are such. */
export async function putWhole(transfer: Transfer, gathered?: GatheredPuts): Promise<Carried> {
  const { bucket, wire, version, signal } = transfer
  const request = await requestOf(transfer)
  const { body } = request
  const answer =
    gathered !== undefined && body instanceof Uint8Array
      ? await gathered.ask({ versionId: version.versionId, request: { ...request, body } })
      : await bucket.connection.ask(request)
  await bucket.expect(answer, wire.doneBy, signal)
  return wire.carried(version, answer)
}

async function requestOf({ wire, version, signal }: Transfer) {
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
  const sent = { ...headers, ...(needsDigest ? contentMd5(body) : digests) }
  return { method: 'PUT', key, query, signal, body, headers: sent } as const
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
