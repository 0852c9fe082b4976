import { createHash } from 'node:crypto'
import type { ByteSource, Integrity, StoredObject } from '@aquifer/engine'
import type { Bytes, Claim, ReadAs } from './step.js'

export function bytesOf({ seed, sizeBytes }: Bytes): Uint8Array {
  return Uint8Array.from({ length: sizeBytes }, (_, place) => (seed + place * 31) % 256)
}

export function sourceOf(bytes: Bytes): ByteSource {
  const all = bytesOf(bytes)
  if (bytes.as === 'whole') return all
  if (bytes.as === 'blob') return new Blob([all as Uint8Array<ArrayBuffer>])
  return (async function* () {
    for (let offset = 0; offset < all.byteLength; offset += 7) yield all.subarray(offset, offset + 7)
  })()
}

export function integrityOf(claim: Claim, bytes: Uint8Array): Integrity {
  const contentMd5 = createHash('md5').update(bytes).digest('base64')
  switch (claim) {
    case 'nothing':
      return {}
    case 'right':
      return { contentMd5, sizeBytes: bytes.byteLength }
    case 'wrong md5':
      return { contentMd5: createHash('md5').update(bytes).update('x').digest('base64') }
    case 'wrong size':
      return { sizeBytes: bytes.byteLength + 1 }
    case 'wrong checksum':
      return { checksums: { sha256: createHash('sha256').update(bytes).update('x').digest('base64') } }
  }
}

export async function read(object: StoredObject, as: ReadAs): Promise<Uint8Array> {
  if (as === 'bytes') return Uint8Array.from(await object.bytes())
  const chunks: Uint8Array[] = []
  for await (const chunk of as === 'body' ? object.body : object.web()) chunks.push(chunk)
  return Uint8Array.from(Buffer.concat(chunks))
}
